// JupyterLab shows this page in a frame that may not download; the page around it may.
"use strict";
for (const link of document.querySelectorAll("a[download]")) {
  link.addEventListener("click", event => {
    event.preventDefault();
    const page = window.top.document, copy = page.createElement("a");
    copy.href = link.href;
    copy.download = "";
    page.body.append(copy);
    copy.click();
    copy.remove();
  });
}
