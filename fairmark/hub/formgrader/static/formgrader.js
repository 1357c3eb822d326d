// What is changed in the scripts of Formgrader's own pages. They have defined their parts by now, and
// begin when the page is loaded.
"use strict";
(function () {
  const NOISE = /^(There was an error processing|Please see the|Removing failed|Traceback$)/;

  // A dialog says one sentence and the reasons; the log is folded.
  window.createLogModal = function (id, title, message, log, error) {
    const why = reasons(log || "", error || ""), notes = /student version/.test(message) ? said(log || "", ["WARNING"]) : [];
    const body = $("<div/>").append($("<p/>").text(message.replace(/:$/, ".")));
    if (why.length && title === "Success") title = "Success, but not for all";
    if (why.length || notes.length) {
      body.append($("<ul/>").addClass("reasons").append([...why, ...notes].map(line => $("<li/>").text(line))));
    }
    if (log || error) {
      const details = $("<details/>").addClass("log").append($("<summary/>").text("Log"));
      body.append(details.append([log, error].filter(Boolean).map(text => $("<pre/>").text(text))));
    }
    return createModal(id, title, body, $("<div/>").append(okButton()));
  };

  function okButton() {
    return $("<button/>").addClass("btn btn-primary").attr({type: "button", "data-dismiss": "modal"}).text("OK");
  }

  // What went wrong, as the log's errors and the last line of each traceback say.
  function reasons(log, error) {
    const found = said(log, ["ERROR", "CRITICAL"]);
    return found.length || !error ? found : said("[ERROR] " + error, ["ERROR"]);
  }

  // What the records of these levels say, in one line each.
  function said(log, levels) {
    const found = [];
    for (const record of log.split(/^(?=\[[A-Z]+\] )/m)) {
      const [, level, text] = /^\[([A-Z]+)\] ([\s\S]*)/.exec(record) || [];
      if (levels.includes(level)) found.push(lastLine(text));
    }
    return [...new Set(found.filter(line => line && !NOISE.test(line)))];
  }

  function lastLine(text) {
    const lines = text.trim().split("\n");
    if (!/^Traceback /.test(lines[0])) return lines[0];
    return lines[lines.length - 1].replace(/^[\w.]+(Error|Exception|Exit): /, "").trim();
  }

  // Without a frame, Formgrader forgets where JupyterLab is.
  const inLab = window.linkTo;
  window.linkTo = function (type, path) {
    if (window !== window.top) return inLab(type, path);
    const clean = path.split("/").filter(part => part && part !== ".").map(encodeURIComponent).join("/");
    return (_, element) => $(element).attr({href: base_url + "/lab/tree/" + clean, target: "_blank"})[0];
  };

  function after(view, change) {
    if (!window[view]) return;
    const prototype = window[view].prototype, render = prototype.render;
    prototype.render = function () {
      const made = render.apply(this, arguments);
      change.call(this);
      this.$el.find("td").filter((_, cell) => cell.textContent === "None").text("–");
      return made;
    };
  }

  // Who has no name is called by the id.
  function nameOf(model, id) {
    return [model.get("last_name"), model.get("first_name")].filter(Boolean).join(", ") || model.get(id);
  }

  function setName(cell, name) {
    const link = cell.find("a");
    cell.attr("data-order", name);
    (link.length ? link.first() : cell).text(name);
  }

  after("SubmissionUI", function () {
    if (this.$student_name) setName(this.$student_name, nameOf(this.model, "student"));
  });
  after("StudentUI", function () { setName(this.$name, nameOf(this.model, "id")); });
  after("AssignmentUI", function () {
    const address = fairmark.base() + "/preview/" + encodeURIComponent(this.model.get("name"));
    if (this.$preview) this.$preview.find("a").off("click").attr({href: address}).removeAttr("target");
  });

  // The pages of a class take a while: they are made in the background, with progress.
  function generateFeedback() {
    const name = this.model.get("name"), place = $("<div/>").addClass("fairmark-job");
    const modal = createModal("feedback-modal", "Generating feedback", place, $("<div/>").append(okButton()));
    const start = fairmark.job(place, fairmark.base() + "/api/job/feedback/" + encodeURIComponent(name), {
      fresh: true, title: "Made",
      done: state => {
        const all = state.state === "done";
        modal.find(".modal-title").text(all ? "Success" : "Error");
        place.prepend($("<p/>").text((all ? "Successfully generated feedback of '" : "There was an error generating feedback of '") + name + "'."));
      },
    });
    start();
  }
  if (window.AssignmentUI && AssignmentUI.prototype.generate_feedback) AssignmentUI.prototype.generate_feedback = generateFeedback;

  // A new assignment is one that works, as `fairmark new` makes it.
  window.createAssignmentModal = function () {
    const input = $("<input/>").attr({id: "new-name", type: "text", placeholder: "linear-regression"}).addClass("form-control name");
    const fault = $("<p/>").addClass("alert alert-danger").attr({id: "create-error", role: "alert"}).hide();
    const body = $("<form/>").append(fault,
      $("<label/>").attr("for", "new-name").text("Name"), input,
      $("<p/>").addClass("help-block").text("Small letters, digits and single hyphens. You get a small assignment that works, with its solution, graders and typical mistakes, to make into your own."));
    const save = $("<button/>").addClass("btn btn-primary save").attr("type", "button").text("Create");
    const cancel = $("<button/>").addClass("btn btn-default").attr({type: "button", "data-dismiss": "modal"}).text("Cancel");
    const modal = createModal("add-assignment-modal", "New assignment", body, $("<div/>").append(cancel, save));

    function create(event) {
      event.preventDefault();
      fault.hide();
      save.prop("disabled", true);
      $.ajax({type: "POST", url: fairmark.base() + "/api/assignments", contentType: "application/json", data: JSON.stringify({name: input.val()})})
        .done(made)
        .fail(reply => { save.prop("disabled", false); fault.text(fairmark.reason(reply)).show(); });
    }

    function made(reply) {
      const name = input.val().trim();
      body.replaceWith($("<div/>").append(
        $("<p/>").text("These files are made. Write your exercises in the first, then verify the graders, generate and release."),
        $("<ul/>").append(reply.made.map(path => $("<li/>").append($("<a/>").text(path).map(linkTo("file", path)))))));
      modal.find(".modal-title").text(name + " is there");
      cancel.remove();
      save.prop("disabled", false).text("OK").off("click").attr("data-dismiss", "modal");
      modal.on("hidden.bs.modal", () => { location.hash = ""; location.reload(); });
    }

    body.on("submit", create);
    save.on("click", create);
    modal.on("shown.bs.modal", () => input.trigger("focus"));
  };

  function openNew() {
    if (location.hash === "#new" && window.AssignmentUI && !$("#add-assignment-modal").length) {
      history.replaceState(null, "", location.pathname);
      createAssignmentModal();
    }
  }

  // Grade what all students handed in, at one click.
  function autogradeAll() {
    const place = $("#autograde-all");
    if (!place.length) return;
    const button = $("<button/>").addClass("btn btn-primary").attr("type", "button")
      .append($("<span/>").addClass("glyphicon glyphicon-flash").attr("aria-hidden", "true"), " Autograde all");
    const look = $("<button/>").addClass("btn btn-default").attr("type", "button")
      .append($("<span/>").addClass("glyphicon glyphicon-eye-open").attr("aria-hidden", "true"), " Preview");
    const hint = $("<span/>").addClass("text-muted").text(" Both grade what is new or has changed; you may leave this page meanwhile. "
      + "Preview records nothing: it shows whose mark would change, and by which test.");
    const output = $("<div/>").addClass("graded"), previewed = $("<div/>").addClass("previewed");
    place.append($("<p/>").append(button, " ", look, hint), output, previewed);
    const address = kind => fairmark.base() + "/api/job/" + kind + "/" + encodeURIComponent(assignment_id);
    fairmark.job(output, address("autograde"), {
      button: button, title: "Graded",
      done: () => {
        previewed.empty().prop("hidden", true);  // it has come true
        models.fetch({success: () => views.forEach(view => view.render())});
      },
    });
    fairmark.job(previewed, address("preview"), {button: look, title: "Previewed"});
  }

  $(".nav-stacked a").each(function () {
    if (this.pathname === location.pathname && !this.hash) $(this).parent().addClass("active");
  });
  $(autogradeAll);
  $(window).on("load hashchange", openNew);
})();
