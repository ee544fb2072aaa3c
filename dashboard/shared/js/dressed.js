// A component with its html and css, which are put into its place before it is called for the first time.
const worn = new WeakSet();

export const dressed = (component, html, sheets) => (given) => {
  const { parentElement } = given;
  if (!worn.has(parentElement)) {
    worn.add(parentElement);
    const style = document.createElement("style");
    style.textContent = sheets.join("");
    parentElement.append(document.createRange().createContextualFragment(html), style);
  }
  return component(given);
};
