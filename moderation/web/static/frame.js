// Inside the frame: tells the page around it how high the discussion is, and follows its theme.
const root = document.documentElement
const embedder = root.dataset.embedder

if (embedder && parent !== window) {
  const say = (message) => parent.postMessage({ moderation: 1, ...message }, embedder)
  let told = 0
  const measure = () => {
    const height = Math.ceil(root.getBoundingClientRect().height)
    if (height !== told) say({ height: (told = height) })
  }
  new ResizeObserver(measure).observe(root)
  const form = document.getElementById("comment-form")
  // Who is signed on types no name and no address; the form carries the pass instead.
  const signOn = (pass, name) => {
    const guest = form?.querySelector(".guest")
    if (!guest) return
    for (const field of guest.querySelectorAll("input")) field.disabled = true
    guest.hidden = true
    const said = form.querySelector(".signed-on")
    said.querySelector("bdi").textContent = name
    said.querySelector("button").disabled = said.hidden = false
    const field = form.elements.pass || document.createElement("input")
    Object.assign(field, { type: "hidden", name: "pass", value: pass })
    form.append(field)
  }
  const exchange = async (token) => {
    const answer = await fetch(root.dataset.signOn, { method: "POST", body: new URLSearchParams({ token }) })
    const said = await answer.json()
    if (answer.ok) {
      say(said)
      return signOn(said.pass, said.name)
    }
    const problem = form?.querySelector(".not-signed-on")
    if (problem) Object.assign(problem, { textContent: said.detail, hidden: false })
  }
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== embedder || event.data?.moderation !== 1) return
    const { theme, token, pass, name } = event.data
    if (token) exchange(token)
    else if (pass) signOn(pass, name)
    if (theme === "light" || theme === "dark") root.dataset.theme = theme
    else if (theme === "") delete root.dataset.theme
  })
  say({ ready: true })
  measure()
  const aim = location.hash && document.getElementById(location.hash.slice(1))
  if (aim) {
    if (aim.tabIndex === -1) aim.focus({ preventScroll: true })
    say({ scroll: Math.max(0, Math.round(aim.getBoundingClientRect().top + scrollY)) })
  }
}
