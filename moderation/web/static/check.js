// While a reader pauses, ask what the policy says of the text, and show the answer under it. Without this script the
// form has its button "Check first" and says the same on a page of its own. The answer is a part of a page made by our
// server, in which everything typed is text; it carries the token that the form sends along.

const PAUSE = 1200; // milliseconds without a key
const panel = document.querySelector("[data-check]");
const form = panel?.closest("form");
const text = form?.elements.namedItem("body");

let pause = 0;
let asked = "";
let asking = null;
let silentUntil = 0;

const show = (html) => {
  const answer = new DOMParser().parseFromString(html, "text/html").body;
  // Said once: a screen reader hears it again only when it says something else.
  const said = answer.textContent.trim() !== panel.textContent.trim();
  const token = answer.querySelector("[name=checked]");
  if (said) {
    panel.replaceChildren(...answer.childNodes);
  } else if (token) {
    panel.querySelector("[name=checked]")?.remove();
    panel.prepend(token);
  }
};

const ask = async () => {
  const body = text.value.trim();
  if (!body || body === asked || Date.now() < silentUntil) return;
  asked = body;
  asking?.abort();
  asking = new AbortController();
  const address = new URL(panel.dataset.check, location.href);
  address.searchParams.set("panel", "1");
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      signal: asking.signal,
    });
    if (answer.ok) {
      show(await answer.text());
    } else if (answer.status === 429) {
      silentUntil = Date.now() + 1000 * (Number(answer.headers.get("Retry-After")) || 60);
    }
  } catch {
    asked = ""; // gone, or overtaken by the next one; sending asks again in any case
  }
};

text?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE);
});
form?.addEventListener("submit", () => {
  clearTimeout(pause);
  asking?.abort();
});
