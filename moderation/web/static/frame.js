// Inside the frame: tells the page around it how high the discussion is, and follows its theme. A reader whom that page
// signs on is known by a pass that stands in this script alone: in no cookie, no store and no address. From then on
// this script brings the pages of the frame itself, since only it can send the pass along.
const root = document.documentElement
const embedder = root.dataset.embedder
const told = document.getElementById("told")
const say = (message) => parent.postMessage({ moderation: 1, ...message }, embedder)
let pass = ""
let shown = location.pathname + location.search

const complain = (words) => {
  told.textContent = words || ""
  told.hidden = !words
}

const goTo = (aim) => {
  if (!aim) return
  if (aim.tabIndex === -1) aim.focus({ preventScroll: true })
  say({ scroll: Math.max(0, Math.round(aim.getBoundingClientRect().top + scrollY)) })
}

const bring = async (address, body, aim) => {
  try {
    const answer = await fetch(address, { method: body ? "POST" : "GET", body, headers: { "X-Reader": pass } })
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    const main = page.querySelector("main")
    if (answer.status === 401) pass = ""
    document.querySelector("main").replaceWith(main)
    document.title = page.title
    if (!body || answer.redirected) {
      const { pathname, search } = new URL(answer.url)
      if (pathname + search !== shown) history.pushState(null, "", (shown = pathname + search))
    }
    for (const script of main.querySelectorAll("script[src]")) import(script.src)
    complain()
    goTo(aim ? document.getElementById(aim) : body && main.querySelector("#posted, #errors, #check"))
  } catch {
    complain(told.dataset.unreached)
  }
}

const signOn = async (token) => {
  try {
    const answer = await fetch(root.dataset.signOn, { method: "POST", body: new URLSearchParams({ token }) })
    const { pass: given, detail } = await answer.json()
    if (!given) return complain(detail)
    pass = given
    const typed = document.getElementById("body")?.value
    await bring(location.href)
    const text = document.getElementById("body")
    if (typed && text) text.value = typed
  } catch {
    complain(told.dataset.unreached)
  }
}

addEventListener("submit", (event) => {
  if (!pass) return
  event.preventDefault()
  const { target: form, submitter } = event
  bring(submitter?.getAttribute("formaction") || form.action, new URLSearchParams(new FormData(form)))
})
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]")
  if (!pass || !link || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return
  const to = new URL(link.href)
  if (to.origin !== location.origin || to.pathname + to.search === shown) return
  event.preventDefault()
  bring(link.href, null, to.hash.slice(1))
})
addEventListener("popstate", () => {
  const now = location.pathname + location.search
  if (pass && now !== shown) bring((shown = now))
})

if (embedder && parent !== window) {
  let height = 0
  const measure = () => {
    const now = Math.ceil(root.getBoundingClientRect().height)
    if (now !== height) say({ height: (height = now) })
  }
  new ResizeObserver(measure).observe(root)
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== embedder || event.data?.moderation !== 1) return
    const { theme, token } = event.data
    if (theme === "light" || theme === "dark") root.dataset.theme = theme
    else if (theme === "") delete root.dataset.theme
    if (typeof token === "string") signOn(token)
  })
  say({ ready: true })
  measure()
  goTo(location.hash && document.getElementById(location.hash.slice(1)))
}
