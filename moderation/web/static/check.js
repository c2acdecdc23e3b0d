// While a reader pauses, ask what the policy says of the text, and show the answer under it. Without this script the
// form has its button "Check first" and says the same on a page of its own. The answer is a part of a page made by our
// server, in which everything typed is text; it carries the token that the form sends along.

const PAUSE = 1200; // milliseconds without a key
let pause = 0;
let asked = "";
let asking = null;
let silentUntil = 0;

const show = (panel, html) => {
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

const ask = async (form, panel) => {
  const body = form.elements.namedItem("body").value.trim();
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
      show(panel, await answer.text());
    } else if (answer.status === 429) {
      silentUntil = Date.now() + 1000 * (Number(answer.headers.get("Retry-After")) || 60);
    }
  } catch {
    asked = ""; // gone, or overtaken by the next one; sending asks again in any case
  }
};

// Heard at the document: in the frame on another site, another form may take the place of this one.
document.addEventListener("input", ({ target }) => {
  const panel = target.name === "body" && target.form?.querySelector("[data-check]");
  if (!panel) return;
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE, target.form, panel);
});
document.addEventListener("submit", () => {
  clearTimeout(pause);
  asking?.abort();
});
