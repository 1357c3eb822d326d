// Proves the graders of an assignment, and shows the command's table.
"use strict";
$(function () {
  $(".verify").each(function () {
    const section = $(this), proof = section.find(".proof");
    const address = fairmark.base() + "/api/job/verify/" + encodeURIComponent(section.data("assignment"));
    fairmark.job(section.find(".fairmark-job"), address, {
      button: section.find("button"), title: "Verified",
      done: state => {
        if (state.state === "done") proof.removeClass("label-warning").addClass("label-success").text("proven");
        else proof.removeClass("label-success").addClass("label-warning").text("not proven");
        section.find(".reason").empty();
      },
    });
  });
});
