// The first page of students and instructors: local times, and the buttons.

const {base, token} = document.body.dataset;
const said = document.getElementById('said');

/** Write all moments in the reader's own time. */
function localTimes(part) {
  for (const each of part.querySelectorAll('time'))
    each.textContent = localTime(each.dateTime);
}

function localTime(moment) {
  return new Date(moment).toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'});
}

/** Say something: one sentence, further ones beneath, the log folded. */
function say({sentence, error, details = [], log = '', time}) {
  said.replaceChildren();
  said.classList.toggle('bad', Boolean(error));
  const close = document.createElement('button');
  close.textContent = 'Close';
  close.addEventListener('click', () => { said.hidden = true; });
  said.append(close);
  for (const text of [error || sentence, ...details]) {
    const line = document.createElement('p');
    line.textContent = time ? text.replace('{time}', localTime(time)) : text;
    said.append(line);
  }
  if (log) {
    const fold = document.createElement('details'), text = document.createElement('pre');
    fold.append(Object.assign(document.createElement('summary'), {textContent: 'What the log says'}));
    text.textContent = log;
    text.tabIndex = 0;
    fold.append(text);
    said.append(fold);
  }
  said.hidden = false;
}

async function ask(method, path, body) {
  const reply = await fetch(base + path, {
    method, body, headers: {'Content-Type': 'application/json', 'X-XSRFToken': token},
  });
  if (!reply.ok)
    throw new Error(reply.status === 403 ? 'You are logged out: load this page again.'
      : `The server answers ${reply.status}.`);
  return reply.json();
}

function post(path, body = {}) {
  return ask('POST', path, JSON.stringify(body));
}

/** Let JupyterLab, where it is open in this browser, save what is open in it. */
async function saved() {
  const channel = new BroadcastChannel('fairmark');
  const wait = (ms) => new Promise(resolve => setTimeout(resolve, ms));
  const waiting = new Set();
  let failed = '', changed = () => {};
  channel.onmessage = ({data}) => {
    if (data.kind === 'saving') waiting.add(data.from);
    if (data.kind === 'saved') waiting.delete(data.from);
    if (data.kind === 'failed') failed = data.error;
    changed();
  };
  channel.postMessage({kind: 'save'});
  await wait(300); // an open JupyterLab says at once that it is at it
  while (waiting.size && !failed)
    await Promise.race([new Promise(resolve => { changed = resolve; }), wait(1000)]);
  channel.close();
  if (failed) throw new Error(failed);
}

/** The requests behind a button; instructors' are Formgrader's own. */
const formgrader = (name) => (row) =>
  post(`formgrader/api/assignment/${encodeURIComponent(row.assignment)}/${name}`);

/** Run one of fairmark's commands in the background of the server; show how far it is. */
async function job(kind, assignment) {
  const path = `fairmark/api/job/${kind}/${encodeURIComponent(assignment)}`;
  let state = await post(path);
  said.hidden = false;
  while (state.state === 'running') {
    const {label = kind, done, total} = state.progress ?? {};
    if (!said.hidden) { // who closes it sees the end alone
      say({sentence: `${label} …${total ? ` ${done} of ${total}` : ''}`});
      said.append(Object.assign(document.createElement('progress'),
        {ariaLabel: label, ...(total ? {max: total, value: done} : {})}));
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
    state = await ask('GET', path);
  }
  return state;
}

/** What a command said in the end; it fails, too, when it left somebody out. */
function ended({state, messages = []}, sentence) {
  if (state === 'done') return {sentence, details: messages};
  return {error: messages[0] ?? 'It was ended before it was done.', details: messages.slice(1)};
}

const actions = {
  'fetch': (row) => post('fairmark/api/fetch', row),
  'hand-in': async (row) => { await saved(); return post('fairmark/api/hand-in', row); },
  'generate': formgrader('assign'),
  'release': formgrader('release'),
  'collect': formgrader('collect'),
  'grade': async ({assignment}) =>
    ended(await job('autograde', assignment), `${assignment} is graded.`),
  'feedback': async (row) => {
    const made = await job('feedback', row.assignment);
    return made.state === 'done' ? formgrader('release_feedback')(row) : ended(made);
  },
};

async function act(button) {
  const {course, assignment} = button.closest('li').dataset, {action, done} = button.dataset;
  const label = button.textContent;
  button.disabled = true;
  button.textContent = `${label} …`;
  try {
    const found = await actions[action]({course, assignment});
    if ('success' in found) // of Formgrader
      say(found.success ? {sentence: done, details: errors(found.log), log: found.log}
        : {error: `${label} of ${assignment} has failed: ${reason(found)}`, log: found.log});
    else
      say(found);
  } catch (error) {
    say({error: error.message});
  }
  button.textContent = label;
  button.disabled = false;
  await renew();
}

const vague = /There was an error|Traceback|Please see|Please check/;

/** The errors in a log of nbgrader's that say something. */
function errors(log) {
  return (log ?? '').split('\n').filter(line => line.startsWith('[ERROR] ') && !vague.test(line))
    .map(line => line.slice('[ERROR] '.length));
}

/** Why nbgrader has failed: its log's first error that says so, or what the exception says. */
function reason({error = '', log = ''}) {
  const [first] = errors(log);
  if (first) return first;
  const raised = [...`${log}\n${error}`.matchAll(/^\s*[\w.]*(?:Error|Exception): (.+)$/gm)];
  const clear = raised.map(match => match[1]).find(text => !vague.test(text));
  return clear ?? 'the log says more.';
}

/** Show what there is now, without losing the place on the page. */
async function renew() {
  const reply = await fetch(location.href, {headers: {'X-XSRFToken': token}, redirect: 'manual'});
  if (!reply.ok) return; // logged out: the next click says so
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
  const main = document.getElementById('main'), fresh = page.getElementById('main');
  localTimes(fresh);
  const label = document.activeElement?.getAttribute('aria-label');
  main.replaceChildren(...fresh.childNodes);
  if (label && document.activeElement === document.body)
    main.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  if (button) act(button);
});
/** Something may have been released, or handed in, meanwhile. */
function lookAgain() {
  const busy = document.querySelector('button[disabled], details[open]');
  if (!document.hidden && !busy) renew().catch(() => {}); // the next click says what is wrong
}
document.addEventListener('visibilitychange', lookAgain);
setInterval(lookAgain, 60_000);
localTimes(document);
