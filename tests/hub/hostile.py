"""What a student could write to run a script in another person's browser, or to send it elsewhere.

``JS`` stands for a script that tells of itself, ``URL`` for an address that must not be asked for.
"""

from __future__ import annotations

ACTING = [
    "<script>JS</script>",
    "<script src='URL'></script>",
    "<script type=module>JS</script>",
    "</style><script>JS</script>",
    "</title></textarea></pre></code><script>JS</script>",
    "<img src=x onerror=JS>",
    "<img src=x onerror='JS' style='display:none'>",
    "<image src=x onerror=JS>",
    "<video><source src=x onerror=JS></video>",
    "<audio src=x onerror=JS></audio>",
    "<details open ontoggle=JS>x</details>",
    "<input autofocus onfocus=JS>",
    "<p style='animation: a 1ms' onanimationstart=JS>x</p><style>@keyframes a {}</style>",
    "<svg onload=JS></svg>",
    "<svg><script>JS</script></svg>",
    "<svg><animate attributeName=x dur=1s onbegin=JS></svg>",
    "<svg><image href='URL'></image></svg>",
    "<iframe srcdoc='<script>parent.JS</script>'></iframe>",
    "<iframe src='javascript:parent.JS'></iframe>",
    "<iframe src='URL'></iframe>",
    "<object data='URL'></object>",
    "<embed src='URL'>",
    "<img src='URL'>",
    "<img srcset='URL 1x'>",
    "<picture><source srcset='URL'><img></picture>",
    "<video poster='URL'></video>",
    "<input type=image src='URL'>",
    "<link rel=stylesheet href='URL'>",
    "<style>@import 'URL';</style>",
    "<style>body { background: url(URL) }</style>",
    "<div style='width: 9px; height: 9px; background-image: url(URL)'>x</div>",
    "<ul><li style='list-style-image: url(URL)'>x</li></ul>",
    "<table background='URL'><tr><td>x</td></tr></table>",
    "<meta http-equiv=refresh content='0; url=URL'>",
    "<base href='URL/'><img src=x>",
    "<noscript><p title='</noscript><img src=x onerror=JS>'></p></noscript>",
    "<!--><img src=x onerror=JS>-->",
    "<![CDATA[><img src=x onerror=JS>]]>",
]
"""HTML that acts as soon as a page with it is opened."""

CLICKED = [
    "<a href='javascript:JS'>click</a>",
    "<a href=' java\tscript:JS'>click</a>",
    "<a href='&#106;avascript:JS'>click</a>",
    "<svg><a href='javascript:JS'><text y=20>click</text></a></svg>",
    "<form action='javascript:JS'><button>click</button></form>",
    "<form><button formaction='javascript:JS'>click</button></form>",
    "<form action='URL'><input name=a value=b><button>click</button></form>",
    "<b onclick=JS>click</b>",
    "<label for=hidden onclick=JS>click</label>",
]
"""HTML that acts when somebody clicks on it."""

SUBTLE = [
    "<div style='width: expression(JS)'>x</div>",
    "<a href='data:text/html,<script>JS</script>'>x</a>",
    "<a href='vbscript:JS'>x</a>",
    "<math><mtext><script>JS</script></mtext></math>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=JS></annotation-xml></math>",
    "<math><maction actiontype=statusline xlink:href='javascript:JS'>x</maction></math>",
    "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=x onerror=JS&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=JS>",
    "<svg></p><style><a id='</style><img src=1 onerror=JS>'>",
    "<select><template><img src=x onerror=JS></template></select>",
    "<div style='position: fixed; inset: 0; z-index: 9; background: red'>over all</div>",
]
"""HTML that acts in other browsers, or once a careless filter has mended it."""

MARKDOWN = [
    "[click](javascript:JS)",
    "[click](java&#115;cript:JS)",
    "[click](<javascript:JS>)",
    "[click][r]\n\n[r]: javascript:JS",
    "<javascript:JS>",
    "![x](URL)",
    '![x](x "\\" onerror=\\"JS")',
    '![" onerror="JS](x)',
    '[x](# "\\"><img src=x onerror=JS>")',
    '```"><img/src=x/onerror=JS>\nx\n```',
    '## "><img src=x onerror=JS>',
    "`<img src=x onerror=JS>`<img src=x\nonerror=JS>",
    "| a |\n| - |\n| <img src=x onerror=JS> |",
    "$\\text{<img src=x onerror=JS>}$",
    "$\\text{&lt;img src=x onerror=JS&gt;}$",
    "$$\\href{javascript:JS}{click}$$",
    "$a <img src=x onerror=JS> b$",
    "\\begin{align}\\text{<script>JS</script>}\\end{align}",
    "![x](attachment:a.png)",
]

LATEX = [
    "$\\text{<script>JS</script>}$",
    "$\\text{&lt;script>JS</script>}$",
    "$\\text{<img src=x onerror=JS>}$",
    "$\\href{javascript:JS}{click}$",
    "</p><script>JS</script>",
    "$\\unknown{<script>JS</script>$",
]

MIME = {
    "application/javascript": "JS",
    "text/javascript": "JS",
    "application/json": '"</script><script>JS</script>"',
    "application/vnd.jupyter.widget-view+json": '{"model_id": "</script><script>JS</script>"}',
    "application/vnd.plotly.v1+json": '{"data": []}',
    "application/pdf": "URL",
    "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='JS'><script>JS</script>"
    "<image href='URL'/><foreignObject><img xmlns='http://www.w3.org/1999/xhtml' src='x' "
    "onerror='JS'/></foreignObject></svg>",
    "image/png": '"><script>JS</script>',
    "image/jpeg": "x' onerror='JS",
    "text/plain": "<script>JS</script>\x1b[31m<img src=x onerror=JS>",
}


def armed(what: str, number: int, url: str) -> str:
    """Put a script and an address that can be told from all others into it."""
    return what.replace("JS", f"pwn({number})").replace("URL", f"{url}/{number}")
