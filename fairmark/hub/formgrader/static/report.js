// Makes the class report when the page is opened, and shows it.
"use strict";
$(function () {
  const frame = $("#report"), address = fairmark.base() + "/course/report/index.html";
  const show = () => {
    frame.prop("hidden", false).attr("src", address + "?" + Date.now());
    $("#open").removeClass("disabled");
  };
  const start = fairmark.job($("#report-job"), fairmark.base() + "/api/job/report", {
    button: $("#refresh"), quiet: true, done: state => { if (state.state === "done") show(); },
  });
  if (frame.data("made")) show(); else $("#open").addClass("disabled");
  start();
});
