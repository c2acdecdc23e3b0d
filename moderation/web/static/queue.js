// The queue by keyboard, and what colleagues do meanwhile. Every key presses a button of a form that stands on the page
// and works without this script; the answer is shown in place, and the next comment is marked.

const list = document.querySelector("#cases");
const said = document.querySelector("#said");
const words = JSON.parse(list?.dataset.words ?? "{}"); // what this script says, in the language of the page
const keysOn = document.querySelector("#keys-on");
const undoForm = document.querySelector("#undo");
const bulkForm = document.querySelector("#bulk");
const PAUSE = 5000; // milliseconds between two looks where no stream is free
const HERE = 30000; // so often the server hears that somebody is here
const AHEAD = 5; // comments taken in hand at once
const KEYS = "queue-keys";
const PINS = 'form[action$="/pin"]';

let current = null;
let choosing = null; // the form whose rule a digit chooses
let hand = new Set();
let chain = Promise.resolve(); // one request after the other: an undo follows what it undoes
const known = new Set();

const cases = () => [...list.querySelectorAll(".case")];
const waiting = () => cases().filter((one) => !one.classList.contains("done"));
const free = () => waiting().filter((one) => !one.dataset.taken);
const say = (sentence) => {
  said.textContent = sentence;
};
const filled = (sentence, parts) => sentence.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
const after = (one) => {
  const all = cases();
  const rest = all.slice(all.indexOf(one) + 1);
  return [...rest, ...all].find((other) => other !== one && free().includes(other)) ?? null;
};

const post = async (to, fields) => {
  const answer = await fetch(to, {
    method: "POST",
    body: fields,
    headers: { Accept: "application/json" },
  });
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, ...told };
};
const inTurn = (what) => {
  chain = chain.then(what).catch(() => say(words.noAnswer));
  return chain;
};
// Not form.action: a button of that name stands in its place.
const address = (form) => form.getAttribute("action");
const fields = (form, more = {}) => {
  const data = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  return data;
};

const takeInHand = () => {
  const token = list.dataset.keys === "yes" && bulkForm?.elements.namedItem("csrf_token").value;
  if (!token) return;
  const all = free();
  const from = Math.max(0, all.indexOf(current));
  const wanted = all.slice(from, from + AHEAD).map((one) => one.dataset.comment);
  const data = new URLSearchParams({ csrf_token: token });
  wanted.forEach((key) => data.append("comment", key));
  hand = new Set(wanted);
  post(list.dataset.claims, data)
    .then((answer) => {
      if (!answer.ok) return;
      hand = new Set(answer.mine);
      wanted.filter((key) => !hand.has(key)).forEach((key) => taken(key, words.colleague));
      if (current?.dataset.taken) mark(after(current));
    })
    .catch(() => {});
};

const mark = (one, focus = true) => {
  current?.removeAttribute("aria-current");
  choosing = null;
  current = one;
  if (!one) return;
  one.setAttribute("aria-current", "true");
  if (focus) {
    one.focus({ preventScroll: true });
    one.scrollIntoView({ block: "nearest" });
  }
  if (!hand.has(one.dataset.comment)) takeInHand();
};

const note = (one, sentence, kind) => {
  one.querySelector(".notice")?.remove();
  const box = document.createElement("p");
  box.className = `notice box ${kind}`;
  box.textContent = sentence;
  one.querySelector(".case-head").after(box);
};
const finish = (one, sentence, kind = "good") => {
  one.classList.add("done");
  const tick = one.querySelector("[name=chosen]");
  if (tick) tick.checked = false;
  note(one, sentence, kind);
};
const reopen = (one, version) => {
  one.classList.remove("done");
  delete one.dataset.taken;
  one.querySelector(".notice")?.remove();
  one.querySelectorAll("[name=version]").forEach((input) => (input.value = version));
  const tick = one.querySelector("[name=chosen]");
  if (tick) tick.value = `${one.dataset.comment}:${version}`;
  one.querySelectorAll(".buttons details[open]").forEach((part) => (part.open = false));
};
const taken = (key, who) => {
  const one = document.querySelector(`#comment-${key}`);
  if (!one || one.classList.contains("done") || one.dataset.taken) return;
  one.dataset.taken = "yes";
  note(one, filled(words.inHand, { name: who }), "wait");
};

const goOn = (sentence) => {
  const left = free().length;
  say(`${sentence} ${filled(words.left, { number: left })}`);
  if (left) return;
  inTurn(() => {
    if (!free().length) location.assign(list.dataset.here);
  });
};

const decide = (one, form, action, more = {}) => {
  const data = fields(form, { action, ...more });
  one.classList.add("done"); // the next one at once; put right below where the server says otherwise
  const next = after(one);
  mark(next);
  inTurn(async () => {
    const answer = await post(address(form), data);
    if (answer.ok) {
      finish(one, answer.said);
      if (undoForm) undoForm.hidden = false;
      goOn(answer.said);
    } else if (answer.status === 409 && answer.code === "stale-version") {
      finish(one, answer.detail, "wait");
      goOn(answer.detail);
    } else {
      one.classList.remove("done");
      note(one, answer.detail ?? words.notDone, "bad");
      if (answer.code === "claimed") one.dataset.taken = "yes";
      else mark(one);
      say(answer.detail ?? words.notDone);
    }
  });
};

const undo = () =>
  inTurn(async () => {
    const answer = await post(address(undoForm), fields(undoForm));
    say(answer.said ?? answer.detail ?? words.notUndone);
    if (!answer.ok) return;
    const one = answer.comment && document.querySelector(`#comment-${answer.comment}`);
    if (one && answer.decided) {
      reopen(one, answer.version);
      mark(one);
    } else if (one && !one.querySelector(PINS)) {
      note(one, answer.said, "good"); // a block or a note: the comment itself is as it was
    } else {
      location.assign(list.dataset.here);
    }
  });

const formOf = (one, ...actions) => {
  for (const action of actions) {
    const button = one?.querySelector(`button[name=action][value=${action}]`);
    if (button) return { form: button.form, action };
  }
  return null;
};
const openPart = (form) => {
  const part = form.closest("details");
  if (part) part.open = true;
  return part;
};
const step = (by) => {
  const all = waiting();
  if (!all.length) return;
  const at = all.indexOf(current);
  mark(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))]);
};
const inBulk = (...actions) => {
  if (!document.querySelector("[name=chosen]:checked")) {
    say(words.tickFirst);
    return;
  }
  const button = actions.map((action) => bulkForm?.querySelector(`[value=${action}]`)).find(Boolean);
  if (button) inTurn(() => bulkForm.requestSubmit(button));
};

const KEYMAP = {
  j: () => step(1),
  k: () => step(-1),
  a: () => {
    const found = formOf(current, "approve", "restore");
    if (found) decide(current, found.form, found.action);
  },
  r: () => {
    const found = formOf(current, "reject", "remove");
    if (!found) return;
    choosing = found;
    openPart(found.form);
    say(words.whichRule);
  },
  b: () => openField("/block", "select"),
  n: () => openField("/notes", "textarea"),
  h: () => {
    const drawer = current?.querySelector(".drawer");
    if (drawer) drawer.open = !drawer.open;
  },
  u: undo,
  x: () => {
    const tick = current?.querySelector("[name=chosen]");
    if (tick) tick.checked = !tick.checked;
    say(filled(words.ticked, { number: document.querySelectorAll("[name=chosen]:checked").length }));
  },
  A: () => inBulk("approve", "restore"),
  R: () => inBulk("reject", "remove"),
  p: () => {
    const form = current?.querySelector(PINS);
    if (form) inTurn(() => form.requestSubmit(form.querySelector("button")));
  },
  "/": () => document.querySelector(".filters a")?.focus(),
  "?": () => {
    const help = document.querySelector("#keys");
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  },
};
const openField = (ending, kind) => {
  const form = current?.querySelector(`form[action$="${ending}"]`);
  if (!form) return;
  openPart(form);
  form.querySelector(kind).focus();
};

const choose = (digit) => {
  const { form, action } = choosing;
  const rule = form.elements.namedItem("clause");
  const option = digit ? rule.options[digit] : rule.selectedOptions[0];
  if (!option?.value) {
    say(words.noRule);
    return;
  }
  const one = current;
  choosing = null;
  decide(one, form, action, { clause: option.value });
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const part = document.activeElement?.closest(".case .buttons details") ?? choosing?.form.closest("details");
    choosing = null;
    if (part) {
      part.open = false;
      current?.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (!keysOn?.checked) return;
  if (choosing && (/^[1-9]$/.test(event.key) || event.key === "Enter")) {
    event.preventDefault();
    choose(event.key === "Enter" ? 0 : Number(event.key));
    return;
  }
  const act = Object.hasOwn(KEYMAP, event.key) && KEYMAP[event.key];
  if (!act) return;
  event.preventDefault();
  if (event.key !== "r") choosing = null;
  act();
});

// A decision by mouse or by Enter on a button goes the same way as by key.
list.addEventListener("submit", (event) => {
  const form = event.target;
  const one = form.closest(".case");
  const button = event.submitter;
  if (!one) return;
  if (button?.name === "action") {
    event.preventDefault();
    mark(one, false);
    decide(one, form, button.value);
  } else if (/\/(block|notes)$/.test(address(form))) {
    event.preventDefault();
    const data = fields(form);
    inTurn(async () => {
      const answer = await post(address(form), data);
      say(answer.said ?? answer.detail ?? words.notDone);
      note(one, said.textContent, answer.ok ? "good" : "bad");
      if (!answer.ok) return;
      if (undoForm) undoForm.hidden = false;
      form.closest("details").open = false;
      one.focus();
    });
  }
});
undoForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  undo();
});
list.addEventListener("focusin", (event) => {
  const one = event.target.closest(".case");
  if (one && one !== current && !one.classList.contains("done")) mark(one, false);
});

// The author's history, fetched when it is opened: a part of a page made by our server, in which all typed is text.
list.addEventListener(
  "toggle",
  async (event) => {
    const drawer = event.target;
    if (!drawer.matches?.("details.drawer[data-from]") || !drawer.open) return;
    const answer = await fetch(drawer.dataset.from);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    drawer.querySelector("div").replaceChildren(...page.childNodes);
    delete drawer.dataset.from;
  },
  true,
);

// What colleagues do.
const hear = (news) => {
  document.querySelector("#present").textContent = news.present.length
    ? filled(words.present, { names: news.present.join(", ") })
    : "";
  cases().forEach((one) => {
    if (one.dataset.taken && !one.classList.contains("done") && !news.taken[one.dataset.comment]) {
      delete one.dataset.taken;
      one.querySelector(".notice")?.remove();
    }
  });
  Object.entries(news.taken).forEach(([key, who]) => taken(key, who));
  news.steps.forEach((one) => {
    if (known.has(one.id) || one.undone || !words.done[one.action]) return;
    known.add(one.id);
    const here = document.querySelector(`#comment-${one.comment}`);
    if (!here || here.classList.contains("done")) return;
    finish(here, filled(words.done[one.action], { name: one.by }), "wait");
    if (here === current) mark(after(here));
  });
  if (current?.dataset.taken) mark(after(current));
};
const ask = async () => {
  if (document.hidden) return;
  const answer = await fetch(list.dataset.live, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) hear(await answer.json());
};
const listen = () => {
  const stream = new EventSource(list.dataset.stream);
  stream.onmessage = (event) => hear(JSON.parse(event.data));
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return; // it opens another by itself
    setInterval(ask, PAUSE);
    ask();
  };
  addEventListener("pagehide", () => stream.close());
};

if (list) {
  if (keysOn) {
    keysOn.checked = localStorage.getItem(KEYS) !== "off";
    keysOn.addEventListener("change", () => localStorage.setItem(KEYS, keysOn.checked ? "on" : "off"));
  }
  mark(free()[0] ?? null, !document.querySelector("[autofocus]"));
  setInterval(takeInHand, HERE);
  if (!current) takeInHand();
  listen();
}
