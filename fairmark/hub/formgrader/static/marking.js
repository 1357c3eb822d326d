// Formgrader's page for marking by hand hears of a mark only once it has the marks so far: what was typed
// before would be thrown away without a word. So nothing can be typed until then.
"use strict";
(function () {
  for (const view of [GradeUI, CommentUI]) {
    const initialize = view.prototype.initialize, [inputs, buttons] = view === GradeUI
      ? [".score, .extra-credit", ".scoring-buttons button"] : [".comment", null];
    view.prototype.initialize = function () {
      initialize.apply(this, arguments);
      this.$el.find(inputs).prop("readOnly", false);
      if (buttons) this.$el.find(buttons).prop("disabled", false);
    };
  }
})();
