// Puts the discussion of a page into a frame on it. See docs/embedding.md for the data- attributes.
;(() => {
  const script = document.currentScript
  if (!script || !script.src) return
  const home = new URL(script.src).origin
  const said = script.dataset
  const canonical = document.querySelector('link[rel="canonical"]')
  const asked = {
    site: said.site,
    article: said.article,
    url: said.url || (canonical && canonical.href) || location.href.split("#")[0],
    title: said.title || document.title,
    lang: said.lang || document.documentElement.lang.split("-")[0],
    theme: said.theme,
    origin: location.origin,
  }
  const wanted = /^#c-([0-9a-f]{32})$/.exec(location.hash)
  if (wanted) asked.around = wanted[1]

  const address = (path) => {
    const found = new URL(path, script.src)
    for (const [name, value] of Object.entries(asked)) if (value) found.searchParams.set(name, value)
    return found.href
  }
  const armenian = asked.lang === "hy"
  const frame = document.createElement("iframe")
  frame.title = (armenian ? "Մեկնաբանություններ՝ " : "Comments: ") + asked.title
  frame.loading = "lazy"
  // By property, not by attribute: the page's own policy may forbid inline styles.
  Object.assign(frame.style, { display: "block", width: "100%", height: "400px", border: "0", colorScheme: "normal" })

  const place = said.target ? document.querySelector(said.target) : null
  if (place) place.append(frame)
  else script.after(frame)

  let heard = false
  const say = (message) => frame.contentWindow.postMessage({ moderation: 1, ...message }, home)
  // A token works once, so each is handed over once; the page may set another whenever it has one.
  let handed = ""
  const signOn = () => said.token && said.token !== handed && say({ token: (handed = said.token) })
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== home) return
    const message = event.data
    if (!message || message.moderation !== 1) return
    heard = true
    if (message.ready) {
      if (said.theme) say({ theme: said.theme })
      signOn()
      script.dispatchEvent(new Event("tokenwanted"))
    }
    if (message.height > 0 && message.height < 1e6) frame.style.height = Math.ceil(message.height) + "px"
    if (message.scroll >= 0) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
      const top = frame.getBoundingClientRect().top + scrollY + message.scroll - 16
      scrollTo({ top, behavior: calm ? "auto" : "smooth" })
    }
  })
  // The page may turn dark, or its reader sign in, while it is read: it changes the attribute, and the frame follows.
  new MutationObserver(() => {
    if (!heard) return
    say({ theme: said.theme || "" })
    signOn()
  }).observe(script, { attributeFilter: ["data-theme", "data-token"] })
  // A frame that the browser or the service refuses stays silent: then a plain link does.
  frame.addEventListener("load", () => {
    setTimeout(() => {
      if (heard) return
      const link = document.createElement("a")
      link.href = address("/articles")
      link.textContent = armenian ? "Կարդալ և գրել մեկնաբանություններ" : "Read and write comments"
      frame.replaceWith(link)
    }, 4000)
  })
  frame.src = address("/embed/thread")
})()
