// Students of a table: shows what would be done with each line before it is done.
"use strict";
$(function () {
  const STATES = {
    new: ["success", "new"], changed: ["info", "gets these names"], known: ["", "known already"], fault: ["danger", "left out"],
  };
  const input = $("#table"), add = $("#add"), said = $("#said"), preview = $("#preview");

  function tell(kind, lines) {
    said.empty().append($("<div/>").addClass("alert alert-" + kind).append(lines.filter(Boolean).map(line => $("<div/>").text(line))));
  }

  function send(really) {
    const file = input[0].files[0], form = new FormData();
    if (!file) return;
    form.append("table", file);
    if (really) form.append("add", "yes");
    add.prop("disabled", true);
    $.ajax({type: "POST", url: fairmark.base() + "/api/students", data: form, processData: false, contentType: false})
      .done(show).fail(reply => { preview.prop("hidden", true); tell("danger", [fairmark.reason(reply)]); });
  }

  function show(found) {
    const number = state => found.rows.filter(row => row.state === state).length;
    const todo = number("new") + number("changed"), faults = number("fault");
    preview.prop("hidden", false).find("tbody").empty().append(found.rows.map(row => {
      const [kind, word] = STATES[row.state];
      return $("<tr/>").addClass(kind).attr("data-state", row.state).append(
        [row.line, row.id, row.remark ? word + ": " + row.remark : word, row.first_name, row.last_name, row.email]
          .map(text => $("<td/>").text(text)));
    }));
    const counts = number("new") + " new, " + number("changed") + " changed, " + number("known") + " known already";
    const left = faults ? faults + (faults === 1 ? " line is" : " lines are") + " left out, see below." : "";
    if (found.added) {
      tell(faults ? "warning" : "success", ["Done: " + counts + ".", left, found.hub]);
    } else {
      tell(faults ? "warning" : "info", ["This file: " + counts + ". Nothing is written yet.", left]);
      add.prop("disabled", todo === 0).text(todo ? "Add " + todo : "Nothing to add");
    }
  }

  input.on("change", () => { add.text("Add"); send(false); });
  $("#students").on("submit", event => { event.preventDefault(); send(true); });
});
