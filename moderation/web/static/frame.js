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
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== embedder || event.data?.moderation !== 1) return
    const { theme } = event.data
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
