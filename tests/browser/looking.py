"""What browser tests share: what a page owes whoever looks at it, how to post, how to enter the desk."""

from axe_playwright_python.sync_playwright import Axe

PASSWORD = "several words make a good one"
WIDTHS, THEMES = (320, 720, 1280), ("light", "dark")

# Contrast of every text against what is behind it, as WCAG 2 counts it.
CONTRAST = """() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number)
  const shade = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }
  const light = ([r, g, b]) => 0.2126 * shade(r) + 0.7152 * shade(g) + 0.0722 * shade(b)
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor)
      if (color.length === 3 || color[3] === 1) return color
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor)
  }
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) found.push(`${walk.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`)
  }
  return found
}"""
# Links inside a sentence are exempt (WCAG 2.5.8); everything else to press measures 24 pixels at least.
PRESSED = "button, input:not([type=hidden]), select, textarea, summary, nav a, .reply"
SMALL = """(pressed) => [...document.querySelectorAll(pressed)]
  .filter((node) => node.getClientRects().length)
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE = Axe()


def violations(page, name, undecided):
    """Return what axe finds wrong with the page; what it cannot decide is noted in `undecided`."""
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2; off by default
        "resultTypes": ["violations", "incomplete"],
    }
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("(options) => axe.run(document, options)", options)
    for result in found["incomplete"]:
        undecided.setdefault(result["id"], set()).add(f"{name} {result['nodes'][0]['target'][0]}")
    return [f"{name}: {v['id']} at {node['target']}" for v in found["violations"] for node in v["nodes"]]


def look(page, name, shots, widths=WIDTHS):
    """See the page at every width in both themes: nothing sticks out, everything can be read and pressed."""
    for width in widths:
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            if shots:
                page.screenshot(path=shots / f"{name}-{width}-{theme}.png", full_page=True)
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{name} at {width}: {over} pixels stick out"
            assert page.evaluate(CONTRAST) == [], f"{name} in {theme}"
            assert page.evaluate(SMALL, PRESSED) == [], f"{name} at {width}"


def post(page, body, name="Anahit", email="anahit@example.com"):
    page.fill("#name", name)
    page.fill("#email", email)
    page.fill("#body", body)
    with page.expect_navigation():
        page.click("#comment-form .buttons button")
    if "/outcomes/" not in page.url:  # the check before posting halts it once
        page.click("main form >> nth=1 >> button")
        page.wait_for_url("**/outcomes/**")


def enter(page, service):
    """Open the desk: by the first administrator's link, or by the password that was set with it."""
    if page.goto(service.welcome).status == 200:
        page.fill("#name", "Armine")
    else:
        page.goto("/desk/sign-in")
    page.fill("#email", "armine@paper.example")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/desk/")
