// While a draft is being written, ask whether it holds and what it changes. Without this script the button "Check" does.

const panel = document.querySelector("#draft-check");
const form = panel?.closest("form");
const text = form?.elements.namedItem("text");
let pause = 0;
let asking = null;

const ask = async () => {
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
    if (!answer.ok) return;
    const said = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (said.textContent.trim() !== panel.textContent.trim()) panel.replaceChildren(...said.childNodes);
  } catch {
    // overtaken by the next one, or the service is away: saving checks in any case
  }
};

text?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(ask, 600);
});
