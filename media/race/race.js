// The race's page: shows what the extension tells it, and asks it to start and to stop.
const editor = acquireVsCodeApi();
const $ = (selector) => document.querySelector(selector);

function lane(id) {
  const part = (name) => $(`#${id} .${name}`);
  return { root: $(`#${id}`), speed: part("speed"), passes: part("passes"), bar: part("bar"), before: part("before"), written: part("written"), count: 0 };
}
const lanes = { ar: lane("ar"), deer: lane("deer") };

const tell = {
  course({ before }) {
    $("#headline").textContent = "";
    $("#details").replaceChildren();
    for (const each of Object.values(lanes)) {
      each.before.textContent = before;
      each.written.replaceChildren();
      each.speed.textContent = "–";
      each.tokensPerSecond = undefined;
      each.passes.textContent = "";
      each.bar.style.width = "0";
    }
    setRunning(true);
  },
  run({ racer: id }) {
    lanes[id].count = 0;
    lanes[id].root.classList.add("running");
    $("#headline").textContent = "Writing …";
  },
  text({ racer: id, text }) {
    const each = lanes[id];
    const block = document.createElement("span");
    block.className = `block c${each.count % 4}`;
    block.textContent = text;
    each.count += 1;
    each.written.append(block);
    each.passes.textContent = `${each.count} passes`;
    const pre = each.written.parentElement;
    pre.scrollTop = pre.scrollHeight;
  },
  ran({ racer: id, tokens, verifies }) {
    lanes[id].root.classList.remove("running");
    lanes[id].passes.textContent = `${tokens} tokens in ${verifies} passes`;
  },
  timing({ rounds }) {
    $("#headline").textContent = `Timing ${rounds} rounds of both out of sight, because painting takes time …`;
  },
  end({ report, words: { headline, details } }) {
    for (const [id, each] of Object.entries(lanes)) each.tokensPerSecond = report[id].tokensPerSecond;
    showSpeeds();
    $("#headline").textContent = headline;
    $("#details").replaceChildren(...details.map(item));
    $("#result").classList.toggle("different", !report.lossless);
    setRunning(false);
  },
  failed({ message }) {
    $("#headline").textContent = message;
    setRunning(false);
  },
};

function showSpeeds() {
  const fastest = Math.max(...Object.values(lanes).map(({ tokensPerSecond = 0 }) => tokensPerSecond));
  for (const { speed, bar, tokensPerSecond } of Object.values(lanes)) {
    if (tokensPerSecond === undefined) continue;
    speed.textContent = `${Math.round(tokensPerSecond)} tokens/s`;
    bar.style.width = `${(100 * tokensPerSecond) / fastest}%`;
  }
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

function setRunning(isRunning) {
  $("#start").disabled = isRunning;
  $("#stop").disabled = !isRunning;
  if (isRunning) return;
  for (const each of Object.values(lanes)) each.root.classList.remove("running");
}

addEventListener("message", ({ data }) => tell[data.kind]?.(data));
$("#start").addEventListener("click", () => editor.postMessage("start"));
$("#stop").addEventListener("click", () => editor.postMessage("stop"));
setRunning(false);
editor.postMessage("start");
