// The buttons that a training's status offers: pause, go on, one step, stop.
const COMMANDS = {
  running: [["pause", "Pause"], ["stop", "Stop"]],
  paused: [["resume", "Resume"], ["step", "One step"], ["stop", "Stop"]],
  queued: [["stop", "Leave the queue"]],
  stopped: [["resume", "Resume"]], interrupted: [["resume", "Resume"]], failed: [["resume", "Try again"]],
};

// `state` has the newest { data, send } of the component: it is read when a button is pressed.
export function drawCommands(box, state) {
  const wanted = state.data.may ? COMMANDS[state.data.status] ?? [] : [];
  const told = wanted.map(([name]) => name).join();
  if (box.dataset.told === told) return;
  box.dataset.told = told;
  box.replaceChildren(...wanted.map(([name, text]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "action", textContent: text });
    button.dataset.order = name;
    // The step and the moment make a command that arrives twice the same command.
    button.onclick = () => state.send.setTriggerValue("order", { name, step: state.data.step, moment: Date.now() });
    return button;
  }));
}
