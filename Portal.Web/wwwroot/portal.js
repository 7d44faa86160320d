// What pages do without a circuit: theme, copying, keys, dialogs, times. All by delegation, so that it holds for what Blazor puts in later.
(() => {
  'use strict';
  const find = (selector, from = document) => from.querySelector(selector);
  const closest = (event, selector) => event.target instanceof Element ? event.target.closest(selector) : null;

  // --- Theme: the system's, until somebody chooses; the cookie is read by the server, so that no page flashes. ---
  const isDark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const toggleTheme = () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  };

  // --- Copying. navigator.clipboard is there on https and localhost only; the old way works elsewhere. ---
  const copy = async button => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement('textarea'), { value: text });
      button.after(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    button.classList.add('done');
    say('Copied.');
    setTimeout(() => button.classList.remove('done'), 1500);
  };

  // --- What happened, for those who do not see it. ---
  const say = text => {
    let line = find('#said');
    if (!line) {
      line = Object.assign(document.createElement('p'), { id: 'said', className: 'visually-hidden' });
      line.setAttribute('role', 'status');
      document.body.append(line);
    }
    line.textContent = text;
  };

  // --- Relative times: the same steps as Ui/RelativeTime.cs. ---
  const steps = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const relative = (at, now) => {
    const seconds = (now - at) / 1000;
    const step = steps.find(([length]) => Math.abs(seconds) >= length);
    if (!step) return 'now';
    const text = `${Math.floor(Math.abs(seconds) / step[0])} ${step[1]}`;
    return seconds > 0 ? `${text} ago` : `in ${text}`;
  };
  setInterval(() => {
    for (const time of document.querySelectorAll('time[data-relative]')) {
      const text = relative(Date.parse(time.dateTime), Date.now());
      // The text node is Blazor's: it is changed, never replaced.
      if (time.firstChild && time.firstChild.nodeValue !== text) time.firstChild.nodeValue = text;
    }
  }, 1000);

  // --- Rows: j and k move, Enter opens. ---
  const rows = () => [...document.querySelectorAll('table[data-rows] tbody tr')].filter(row => row.offsetParent);
  const select = step => {
    const all = rows();
    if (all.length === 0) return;
    const now = all.findIndex(row => row.classList.contains('selected'));
    const next = Math.min(all.length - 1, Math.max(0, now + step));
    if (now >= 0) all[now].classList.remove('selected');
    all[next].classList.add('selected');
    all[next].tabIndex = -1;
    all[next].focus({ preventScroll: true });
    all[next].scrollIntoView({ block: 'nearest' });
  };
  const open = href => window.Blazor?.navigateTo ? window.Blazor.navigateTo(href) : location.assign(href);

  const isTyping = element => element.matches?.('input, select, textarea, [contenteditable]');
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || find('dialog:modal')) return;
    if (event.key === 'Escape' && isTyping(event.target)) event.target.blur();
    if (isTyping(event.target)) return;
    const selected = find('tr.selected');
    switch (event.key) {
      case '/': {
        const search = find('[data-search]') ?? find('.filters input');
        if (search) { event.preventDefault(); search.focus(); search.select(); }
        break;
      }
      case 'j': select(1); break;
      case 'k': select(-1); break;
      case 'Enter':
        if (selected?.dataset.href && (event.target === selected || event.target === document.body)) open(selected.dataset.href);
        break;
      case 'Escape':
        if (selected) { selected.classList.remove('selected'); break; }
        find('[data-back]')?.click();
        break;
    }
  });

  document.addEventListener('click', event => {
    const button = closest(event, '[data-copy]');
    if (button) { event.preventDefault(); event.stopPropagation(); copy(button); return; }
    if (closest(event, '[data-theme-toggle]')) { toggleTheme(); return; }
    if (closest(event, '[data-print]')) { window.print(); return; }
    if (closest(event, '[data-reload]')) { location.reload(); return; }
    if (closest(event, '[data-reconnect]')) { reconnect(); return; }
    const opens = closest(event, '[data-opens]');
    if (opens) { document.getElementById(opens.dataset.opens)?.showModal(); return; }
    const closes = closest(event, '[data-closes]');
    if (closes) { closes.closest('dialog')?.close(); return; }
    const row = closest(event, 'tr[data-href]');
    if (row && !closest(event, 'a, button, input, label, select, summary') && !String(getSelection())) open(row.dataset.href);
  });

  document.addEventListener('change', event => {
    const field = closest(event, '[data-submit-on-change]');
    if (field) field.form.requestSubmit();
  });

  // A GET form leaves what is empty out of the URL.
  document.addEventListener('submit', event => {
    if (event.target.method !== 'get') return;
    for (const field of event.target.elements) if (field.name && field.value === '') field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; });
  }, true);

  // --- Dialogs of live components: the component renders <dialog data-modal>, and it is shown as one; the browser gives the focus back when it is removed. ---
  let opener = null;
  new MutationObserver(() => {
    const dialog = find('dialog[data-modal]:not([open])');
    if (dialog) {
      opener = document.activeElement;
      dialog.showModal();
    } else if (opener && !find('dialog[data-modal]')) {
      opener.focus?.();
      opener = null;
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener('cancel', event => {
    const close = event.target.matches('dialog[data-modal]') ? find('[data-cancel]', event.target) : null;
    if (close) { event.preventDefault(); close.click(); }
  }, true);

  // --- A lost connection: Blazor tells the dialog by an event; it is shown modal so that nothing behind it is used. ---
  const reconnecting = () => find('#components-reconnect-modal');
  const reconnect = async () => {
    try {
      if (!await window.Blazor.reconnect() && !await window.Blazor.resumeCircuit?.()) location.reload();
    } catch {
      say('The portal still does not answer.');
    }
  };
  document.addEventListener('components-reconnect-state-changed', event => {
    const dialog = reconnecting();
    if (!dialog) return;
    if (event.detail.state === 'hide') dialog.close();
    else if (!dialog.open) dialog.showModal();
    if (event.detail.state === 'rejected') location.reload();
  }, true);
})();
