// A notebook's widget, as anywidget loads it: a page in a frame (cell.js) and the traits of vae_core/notebook/widget.py.
export default { render };

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = "VAE Lab";
  frame.style.cssText = "display: block; width: 100%; height: 760px; border: 0; color-scheme: normal";
  frame.srcdoc = model.get("page");
  let ready = false, fromPage = false;

  const tell = (what) => { if (ready) frame.contentWindow?.postMessage({ vaeLab: what }, "*"); };

  const place = () => ({ go: { index: model.get("index"), z: model.get("z") } });

  // What the page says becomes traits, which Python hears.
  const hear = {
    ready() {
      ready = true;
      tell({ dark: isDark(el) });
      if (model.get("index")) tell(place());
      else tell({ z: model.get("z") });
      for (const name of ["bound_line", "picture"]) follow(name);
    },
    tall: (pixels) => { frame.style.height = `${pixels}px`; },
    z: (z) => save({ z }),
    image: ({ index, name, x, z, question }) => save({ index, image_name: name, pixels: new DataView(x.buffer), z, question }),
  };

  function save(traits) {
    fromPage = true;
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    fromPage = false;
    model.save_changes();
  }

  // What Python sets goes to the page.
  const follow = (name) => {
    if (fromPage) return;
    const value = model.get(name);
    if (name === "picture") return value?.byteLength ? tell({ picture: base64(value) }) : undefined;
    if (name === "index") return value === null ? undefined : tell(place());
    return tell({ [name]: value });
  };
  const followed = ["z", "index", "picture", "bound_line", "code"].map((name) => [`change:${name}`, () => follow(name)]);
  const said = ({ source, data }) => {
    if (source !== frame.contentWindow || !data?.vaeLab) return;
    for (const [name, value] of Object.entries(data.vaeLab)) hear[name]?.(value);
  };
  const themed = () => tell({ dark: isDark(el) }), themes = new MutationObserver(themed);
  addEventListener("message", said);
  for (const part of [document.documentElement, document.body]) themes.observe(part, { attributes: true });
  for (const [event, heard] of followed) model.on(event, heard);
  el.append(frame);
  return () => {
    removeEventListener("message", said);
    themes.disconnect();
    for (const [event, heard] of followed) model.off(event, heard);
  };
}

function base64({ buffer, byteOffset, byteLength }) {
  let text = "";
  for (const level of new Uint8Array(buffer, byteOffset, byteLength)) text += String.fromCharCode(level);
  return btoa(text);
}

// Whether the notebook is dark: its first background that is none.
function isDark(el) {
  for (let node = el; node; node = node.parentElement ?? node.getRootNode().host) {
    const [red, green, blue, alpha = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255, 0];
    if (alpha > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 110;
  }
  return false;
}
