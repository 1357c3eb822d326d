// The link to the notebook itself: a tab of JupyterLab's, where this page is in a frame of it.
"use strict";
$(window).on("load", function () {
  $("a.live").each(function () { $(this).map(linkTo("notebook", $(this).data("path"))); });
});
