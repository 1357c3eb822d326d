// A plugin for JupyterLab, loaded as it stands: a module of webpack's federation by hand, so that
// nothing has to be built. It saves before it hands in, and shows what the server says.

(() => {
  let shared; // JupyterLab's own modules, by name and version

  /** One of JupyterLab's modules: the very one that it uses itself. */
  async function module(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  async function makePlugin() {
    const names = ['apputils', 'coreutils', 'htmlviewer', 'notebook', 'services'];
    const found = await Promise.all(names.map(name => module(`@jupyterlab/${name}`)));
    const [apputils, coreutils, htmlviewer, notebook, services] = found;
    const {Widget} = await module('@lumino/widgets');
    const {Dialog, ToolbarButton} = apputils;
    const {PageConfig, URLExt} = coreutils;
    const base = PageConfig.getBaseUrl(), narrow = window.innerWidth < 600;

    /** A dialog with a sentence, further ones, and the log folded. */
    function show(title, nodes, buttons = [Dialog.okButton({label: 'Close'})]) {
      const node = element('div', {className: 'fairmark-dialog'}, ...nodes);
      const dialog = new Dialog({title, body: new Widget({node}), buttons});
      return {dialog, node, closed: dialog.launch()};
    }

    function told({sentence, error, details = [], log, time}) {
      const local = time && new Date(time).toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'});
      const nodes = [error || sentence, ...details].map(text =>
        element('p', {textContent: local ? text.replace('{time}', local) : text}));
      if (log)
        nodes.push(element('details', {},
          element('summary', {textContent: 'What the log says'}), element('pre', {textContent: log})));
      return nodes;
    }

    async function post(path, body, signal) {
      const settings = services.ServerConnection.makeSettings();
      const reply = await services.ServerConnection.makeRequest(
        URLExt.join(base, 'fairmark/api', path),
        {method: 'POST', body: JSON.stringify(body), signal}, settings);
      if (!reply.ok) throw new Error(`The server answers ${reply.status}.`);
      return reply;
    }

    /** The lines of a reply, as they come. */
    async function* events(reply) {
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const {value, done} = await reader.read();
        if (done) return;
        const lines = (rest + value).split('\n');
        rest = lines.pop();
        for (const line of lines) yield JSON.parse(line);
      }
    }

    /** The course and the assignment that a notebook lies in; null for one of the student's own. */
    function placeOf(panel) {
      const parts = panel.context.path.split('/');
      const marked = (panel.model?.toJSON().cells ?? []).some(cell => cell.metadata?.nbgrader);
      return marked && parts.length > 2 ? {course: parts[0], assignment: parts[1]} : null;
    }

    async function saveAll(app) {
      await app.commands.execute('docmanager:save-all');
    }

    async function handIn(app, panel) {
      const place = placeOf(panel);
      try {
        await saveAll(app);
        show('Hand in', told(await (await post('hand-in', place)).json()));
      } catch (error) {
        show('Hand in', told({error: `It was not handed in. ${error.message}`}));
      }
    }

    const results = {
      passed: '✓ passed', failed: '✗ failed', stopped: '✗ stops', empty: 'no answer yet',
    };

    /** The table of exercises; each name leads to its cell. */
    function table(rows, panel, close) {
      const body = rows.map(row => {
        const link = element('a', {href: '#', textContent: row.name});
        link.addEventListener('click', event => {
          event.preventDefault();
          close();
          panel.content.activeCellIndex = row.cell;
          panel.content.scrollToItem(row.cell, 'center');
        });
        const result = element('td', {textContent: results[row.result] ?? row.result});
        result.dataset.result = row.result;
        if (row.message) result.append(element('div', {textContent: row.message}));
        return element('tr', {}, element('th', {scope: 'row'}, link),
          element('td', {textContent: row.points || ''}), result);
      });
      const head = ['Exercise', 'Points', 'Result'].map(text =>
        element('th', {scope: 'col', textContent: text}));
      return element('table', {}, element('thead', {}, element('tr', {}, ...head)),
        element('tbody', {}, ...body));
    }

    function verdict({rows, failed, changed, seconds}) {
      const checks = rows.filter(row => ['passed', 'failed'].includes(row.result));
      const empty = rows.filter(row => row.result === 'empty').length;
      const stops = rows.some(row => row.result === 'stopped');
      const lines = [failed ? `${failed} of ${checks.length} checked exercises fail.`
        : stops ? 'A cell stops with an error.' : 'All answers that are checked here pass.'];
      if (empty) lines.push(`${empty === 1 ? '1 answer is' : `${empty} answers are`} still empty.`);
      if (changed) lines.push(`${changed} of the course's own cells were changed; the grader puts them back.`);
      lines.push(`Ran from the top in ${seconds} s. Hidden checks run only when you are graded.`);
      return lines;
    }

    async function validate(panel) {
      const stop = new AbortController(), bar = element('progress', {max: 1, value: 0});
      bar.setAttribute('aria-label', 'Cells run');
      const line = element('p', {textContent: 'Saving …'});
      const {dialog, node, closed} = show('Validate', [line, bar],
        [Dialog.cancelButton({label: 'Close'})]);
      closed.then(() => stop.abort());
      try {
        await panel.context.save();
        for await (const event of events(await post('validate', {path: panel.context.path}, stop.signal))) {
          if ('of' in event) {
            Object.assign(bar, {max: event.of, value: event.cell});
            line.textContent = `Running cell ${event.cell + 1} of ${event.of} …`;
          } else if (event.error) {
            node.replaceChildren(...told(event));
          } else {
            node.replaceChildren(...verdict(event).map(textContent => element('p', {textContent})),
              table(event.rows, panel, () => dialog.reject()));
          }
        }
      } catch (error) {
        if (!stop.signal.aborted)
          node.replaceChildren(...told({error: `It could not be validated. ${error.message}`}));
      }
    }

    /** Save when the first page asks for it, in another tab of this browser. */
    function saveWhenAsked(app) {
      const channel = new BroadcastChannel('fairmark'), from = crypto.randomUUID?.() ?? String(Math.random());
      channel.onmessage = async ({data}) => {
        if (data.kind !== 'save') return;
        channel.postMessage({kind: 'saving', from});
        try {
          await saveAll(app);
          channel.postMessage({kind: 'saved', from});
        } catch (error) {
          channel.postMessage({kind: 'failed', from, error: `JupyterLab could not save: ${error.message}`});
        }
      };
    }

    function addButtons(app, panel) {
      panel.context.ready.then(() => {
        if (!placeOf(panel)) return;
        const buttons = [
          ['hand-in', 'Hand in', 'Save, and hand in this assignment', () => handIn(app, panel)],
          ['validate', 'Validate', 'Save, and run all from the top as the grader will', () => validate(panel)],
        ];
        for (const [name, label, tooltip, act] of buttons) {
          const onClick = () => {
            button.pressed = false; // JupyterLab takes each button for a switch
            act();
          };
          const button = new ToolbarButton({label, tooltip, onClick, className: `fairmark-${name}`});
          panel.toolbar.insertItem(10, `fairmark-${name}`, button);
        }
      });
    }

    /** A feedback page in JupyterLab's frame has dead links: open it by itself. */
    function openFeedback(viewer) {
      const match = /^([^/]+)\/([^/]+)\/feedback\/([^/]+)\/([^/]+\.html)$/.exec(viewer.context.path);
      if (!match) return;
      const url = URLExt.join(base, 'fairmark/feedback', ...match.slice(1).map(encodeURIComponent));
      window.open(url, '_blank', 'noopener');
      viewer.context.ready.then(() => viewer.close());
    }

    function addLink(app) {
      const link = element('a', {href: URLExt.join(base, 'fairmark'), textContent: '← Assignments'});
      link.addEventListener('click', event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // this tab stays
        event.preventDefault();
        // What could not be saved, JupyterLab asks about.
        saveAll(app).catch(console.error).finally(() => { location.href = link.href; });
      });
      const widget = new Widget({node: element('div', {className: 'fairmark-home'}, link)});
      widget.id = 'fairmark-home';
      app.shell.add(widget, 'top', {rank: narrow ? 1 : 1000}); // at the end, unless the menus fill the line
    }

    /** On a phone the list of files would leave a strip of the notebook. */
    function makeRoom(app) {
      if (narrow) app.restored.then(() => app.shell.collapseLeft());
    }

    function addStyle() {
      document.head.append(element('style', {textContent: `
        .fairmark-home { display: flex; align-items: center; padding: 0 1em; white-space: nowrap }
        .fairmark-home a, .fairmark-dialog a { color: var(--jp-content-link-color) }
        .fairmark-dialog { min-width: min(34em, 80vw); max-height: 65vh; overflow: auto;
          color: var(--jp-ui-font-color1); line-height: 1.5 }
        .fairmark-dialog p { margin: 0 0 .5em; overflow-wrap: anywhere }
        .fairmark-dialog progress { width: 100% }
        .fairmark-dialog table { border-collapse: collapse; width: 100% }
        .fairmark-dialog th, .fairmark-dialog td { text-align: left; vertical-align: top;
          padding: .3em .6em; border-top: 1px solid var(--jp-border-color2) }
        .fairmark-dialog tbody th { font-weight: normal }
        .fairmark-dialog td[data-result=failed], .fairmark-dialog td[data-result=stopped] {
          color: var(--jp-error-color0) }
        .fairmark-dialog td div { color: var(--jp-ui-font-color1); overflow-wrap: anywhere }
        .fairmark-dialog pre { white-space: pre-wrap; overflow-wrap: anywhere }`}));
    }

    return {
      id: 'fairmark:desk',
      description: 'Assignments, Validate and Hand in.',
      autoStart: true,
      requires: [notebook.INotebookTracker],
      optional: [htmlviewer.IHTMLViewerTracker],
      activate(app, notebooks, viewers) {
        addStyle();
        addLink(app);
        if (PageConfig.getOption('fairmarkRole') !== 'student') return;
        makeRoom(app);
        saveWhenAsked(app);
        notebooks.forEach(panel => addButtons(app, panel));
        notebooks.widgetAdded.connect((_, panel) => addButtons(app, panel));
        viewers?.widgetAdded.connect((_, viewer) => openFeedback(viewer));
      },
    };
  }

  (window._JUPYTERLAB ??= {}).fairmark = {
    init(scope) { shared = scope; },
    async get() {
      const plugin = await makePlugin();
      return () => ({__esModule: true, default: plugin});
    },
  };
})();
