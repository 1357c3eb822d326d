// Commands that run in the background: starts them, shows how far they are and what they say. All
// that comes from the server is put in as text.
"use strict";
var fairmark = (function () {
  const POLL = 1000;
  const STYLES = {red: "text-danger", yellow: "text-warning", green: "text-success", dim: "text-muted", cyan: "text-cyan"};
  const FOR_TERMINALS = /^(Graded notebooks|Marks|Next|Look at): /;

  function styled(tag, cell) {
    const element = $(tag).text(cell.text);
    for (const word of cell.style.split(" ")) {
      if (STYLES[word]) element.addClass(STYLES[word]);
      if (word === "bold") element.css("font-weight", "bold");
    }
    return element;
  }

  function table(content) {
    const head = $("<tr/>"), body = $("<tbody/>");
    content.columns.forEach((title, i) =>
      head.append($("<th/>").attr("scope", "col").text(title).toggleClass("number", content.right[i])));
    for (const row of content.rows) {
      body.append($("<tr/>").append(row.map((cell, i) => styled("<td/>", cell).toggleClass("number", content.right[i]))));
    }
    return $("<div/>").addClass("table-responsive").append(
      $("<table/>").addClass("table table-condensed").append($("<thead/>").append(head), body));
  }

  function printed(state) {
    return (state.printed || []).map(said => said.table ? table(said.table) :
      FOR_TERMINALS.test(said.line.text) ? null : styled("<p/>", said.line)).filter(Boolean);
  }

  function bar(state) {
    const progress = state.progress || {}, known = progress.total > 0;
    const share = known ? 100 * progress.done / progress.total : 100;
    let label = progress.label || "starting";
    if (known) label += ": " + progress.done + " of " + progress.total;
    if (state.names && state.names.length) label += ", last " + state.names.slice(-3).reverse().join(", ");
    return [
      $("<div/>").addClass("progress").append($("<div/>").addClass("progress-bar").toggleClass("progress-bar-striped active", !known)
        .attr({role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share), "aria-label": label})
        .css("width", share + "%")),
      $("<p/>").addClass("text-muted progress-label").text(label),
    ];
  }

  function messages(state) {
    const kind = state.state === "done" ? "alert-info" : "alert-warning";
    const lines = (state.messages || []).slice();
    if (state.state === "ended") lines.unshift("It was ended before it was done. Start it again.");
    if (!lines.length) return [];
    return [$("<div/>").addClass("alert messages " + kind).append(lines.map(line => $("<div/>").text(line)))];
  }

  // Watches the job of an address in a place: returns a function that starts it. ``options``: button,
  // quiet (shows no result where all went well), fresh (shows no result of an earlier time),
  // done(state), title.
  function job(place, address, options) {
    let timer = null, latest = 0;

    function show(state, isNew) {
      clearTimeout(timer);
      const running = state.state === "running";
      place.empty().prop("hidden", false).attr({"aria-live": "polite", "data-state": state.state});
      if (options.button) options.button.prop("disabled", running);
      if (running) {
        place.append(bar(state));
        timer = setTimeout(ask, POLL, true);
        return;
      }
      if (state.state === "none" || (options.quiet && state.state === "done")) {
        place.prop("hidden", true);
      } else {
        const when = new Date(1000 * state.started).toLocaleString();
        place.append($("<div/>").addClass("result").append(
          $("<p/>").addClass("text-muted").text((options.title || "Started") + " " + when), messages(state), printed(state)));
      }
      if (isNew && options.done) options.done(state);
    }

    function failed(reply) {
      if (options.button) options.button.prop("disabled", false);
      place.empty().prop("hidden", false).attr("data-state", "error")
        .append($("<div/>").addClass("alert alert-danger").text(reason(reply)));
    }

    // An answer that comes after a later question is old.
    function hear(request, isNew) {
      const mine = ++latest;
      request.done(state => { if (mine === latest) show(state, isNew); })
        .fail(reply => { if (mine === latest) failed(reply); });
    }

    function ask(isNew) { hear($.get(address), isNew); }

    function start() {
      clearTimeout(timer);
      if (options.button) options.button.prop("disabled", true);
      hear($.post(address), true);
    }

    if (!options.fresh) ask(false);
    if (options.button) options.button.on("click", start);
    return start;
  }

  // JupyterHub wants the token against forged requests with each request that is no navigation;
  // Formgrader sends it where something changes.
  $.ajaxPrefilter((options, original, request) => request.setRequestHeader("X-XSRFToken", getCookie("_xsrf")));

  // Why a request failed, in one sentence.
  function reason(reply) {
    const body = reply.responseJSON;
    if (body && (body.error || body.message)) return body.error || body.message;
    return reply.status ? "The server answers " + reply.status + " " + reply.statusText + "." : "The server does not answer.";
  }

  return {job: job, reason: reason, base: () => base_url + "/fairmark"};
})();
