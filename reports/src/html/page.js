'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.getElementById('main');
const VERDICTS = ['fail', 'inconclusive', 'lenient', 'info', 'pass', 'unsupported', 'skipped'];
const SHAPES = {fail: '✘', inconclusive: '?', lenient: '◐', info: 'ℹ', pass: '✔', unsupported: '–', skipped: '○', none: '·'};
const PAGE = 200;

// The one way to make an element: children are nodes or text, never markup.
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
const mark = (verdict, words) => {
  const known = VERDICTS.includes(verdict) ? verdict : 'none';
  return el('span', {class: 'v ' + known}, SHAPES[known] + ' ' + (words === undefined ? verdict || 'not tested' : words));
};
const link = (page, query) => '#/' + page + '?' + new URLSearchParams(query);
const caseLink = c => link('case', {version: c.version, id: c.id});
const statementLink = s => link('statement', {version: s.version, id: s.id});
const find = (version, id) => {
  const plain = id.replace(/\/[a-z]$/, '');
  return data.statements.find(s => s.version === version && s.id === plain);
};
const untested = s => s.testable ? 'not tested' : 'not observable';
const number = text => text.split('.').map(part => Number(part) || 999);
const bySection = (a, b) => { const x = number(a), y = number(b); return x[0] - y[0] || (x[1] || 0) - (y[1] || 0); };
const versions = [...new Set(data.cases.map(c => c.version).concat(data.statements.map(s => s.version)))].sort();
const sections = [...new Set(data.cases.map(c => c.section).concat(data.statements.map(s => s.section || 'other')))].sort(bySection);
const title = section => {
  const names = [...new Set(data.statements.filter(s => s.section === section).map(s => s.heading))];
  return section + ' ' + names.join(' / ');
};
const row = (name, ...value) => [el('dt', {}, name), el('dd', {}, ...value)];

function overview() {
  const tally = VERDICTS.filter(v => data.summary[v]).map(v =>
    el('li', {}, el('a', {class: v, href: link('cases', {verdict: v})}, el('b', {}, SHAPES[v] + ' ' + data.summary[v]), v)));
  const capabilities = Object.entries(data.broker.connack).map(([version, properties]) =>
    row('CONNACK ' + version, Object.entries(properties).map(([k, v]) => k + ' ' + v).join('; ') || 'no properties'));
  const cell = (section, version) => {
    const those = data.statements.filter(s => s.section === section && s.version === version);
    if (!those.length) return el('td', {});
    const worst = VERDICTS.find(v => those.some(s => s.verdict === v)) || 'none';
    const counts = VERDICTS.map(v => [v, those.filter(s => s.verdict === v).length]).filter(([, n]) => n)
      .map(([v, n]) => mark(v, n + ' ' + v));
    const rest = those.filter(s => !s.verdict).length;
    if (rest) counts.push(mark('none', rest + ' untested'));
    return el('td', {'data-version': 'MQTT ' + version}, el('a', {class: worst, href: link('statements', {section, version})}, counts));
  };
  return [
    el('h1', {}, data.broker.name),
    data.end !== 'complete' && el('p', {class: 'fail'}, '✘ This run did not complete: ' + data.end),
    crashes(),
    el('ul', {class: 'tally'}, tally),
    el('dl', {}, row('Address', data.broker.address), row('Run', data.started + ', ' + (data.duration / 1000).toFixed(1) + ' s, ' + data.cases.length + ' cases'),
      row('Made by', data.tool.name + ' ' + data.tool.version + ', suite ' + data.tool.suite_digest),
      row('Command', el('code', {}, data.command.join(' '))), capabilities),
    data.leftOut > 0 && el('p', {class: 'dim'}, 'To keep this file small, the timelines of ' + data.leftOut + ' cases are left out; the JSON record holds them.'),
    el('h2', {}, 'Statements by section and version'),
    el('table', {class: 'matrix'}, el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'Section'), versions.map(v => el('th', {scope: 'col'}, 'MQTT ' + v)))),
      el('tbody', {}, sections.filter(s => data.statements.some(x => x.section === s)).map(section =>
        el('tr', {}, el('th', {scope: 'row'}, title(section)), versions.map(v => cell(section, v)))))),
  ];
}

// What outweighs every verdict stands first: that the broker went down, after which packet, and what it wrote.
const crashes = () => data.crashes.length > 0 && [
  el('h2', {}, data.crashes.length === 1 ? 'The broker crashed' : 'The broker crashed ' + data.crashes.length + ' times'),
  data.crashes.map(crash => {
    const c = crash.culprit, suspects = crash.suspects || [];
    return el('div', {class: 'finding fail'}, el('p', {}, el('span', {class: 'v fail'}, '✘ crash'), ' ' + crash.what),
      c ? el('p', {}, 'Brought about by ' + c.version + ' ', el('a', {href: caseLink(c)}, c.id), c.packet && [', after ', el('code', {}, c.packet)])
        : el('p', {}, 'None of the cases of that time brings it about when played again' + (suspects.length ? ': ' + suspects.slice(0, 20).join(', ') + (suspects.length > 20 ? ', …' : '') : '.')),
      c && c.bytes && el('pre', {class: 'wrap', tabindex: 0}, c.bytes), c && el('pre', {class: 'wrap', tabindex: 0}, c.rerun),
      crash.log && el('details', {}, el('summary', {}, 'The last lines that the broker wrote'), el('pre', {tabindex: 0}, crash.log.join('\n'))));
  }),
];

function list(kind, query) {
  const cases = kind === 'cases';
  const all = cases ? data.cases : data.statements;
  const rows = el('ul', {class: 'rows'}), count = el('p', {class: 'dim', role: 'status'}), more = el('button', {type: 'button'}, 'Show more');
  let limit = PAGE;
  const options = (name, values, words) => el('label', {}, name[0].toUpperCase() + name.slice(1),
    el('select', {name}, el('option', {value: ''}, 'all'), values.map(v => el('option', {value: v, selected: query.get(name) === v}, words ? words(v) : v))));
  const search = el('input', {name: 'q', type: 'search', value: query.get('q') || ''});
  const form = el('form', {role: 'search'}, options('verdict', cases ? VERDICTS.concat('flaky') : VERDICTS.concat('not tested')),
    options('version', versions), options('section', sections, title), el('label', {class: 'text'}, 'Text', search));
  const text = x => (cases ? [x.id, x.title, x.statements.join(' '), x.findings.map(f => f.message).join(' ')] : [x.id, x.summary, x.reason, x.level]).join(' ').toLowerCase();
  const texts = all.map(text);
  const show = () => {
    const f = Object.fromEntries(new FormData(form)), words = f.q.toLowerCase().split(/\s+/).filter(Boolean);
    const hit = all.filter((x, i) => (!f.version || x.version === f.version) && (!f.section || x.section === f.section)
      && (!f.verdict || x.verdict === f.verdict || f.verdict === 'flaky' && x.flaky || f.verdict === 'not tested' && !x.verdict)
      && words.every(w => texts[i].includes(w)));
    const rank = x => VERDICTS.indexOf(x.verdict);
    if (cases) hit.sort((a, b) => rank(a) - rank(b));
    rows.replaceChildren(...hit.slice(0, limit).map(cases ? caseRow : statementRow));
    count.textContent = hit.length + ' of ' + all.length + ' ' + kind;
    more.hidden = hit.length <= limit;
    history.replaceState(null, '', link(kind, Object.fromEntries(Object.entries(f).filter(([, v]) => v))));
  };
  form.addEventListener('input', () => { limit = PAGE; show(); });
  form.addEventListener('submit', event => event.preventDefault());
  more.addEventListener('click', () => { limit += 1000; show(); });
  show();
  return [el('h1', {}, cases ? 'Cases' : 'Statements'), form, count, rows, more];
}
const caseRow = c => el('li', {}, el('div', {class: 'head'}, mark(c.verdict), c.flaky && el('span', {class: 'v inconclusive'}, '≈ flaky'),
  el('span', {class: 'dim'}, c.version), el('a', {href: caseLink(c)}, c.id)), el('div', {}, c.title),
  c.verdict !== 'pass' && c.findings[0] && el('div', {class: 'dim'}, c.findings[0].message));
const statementRow = s => el('li', {}, el('div', {class: 'head'}, s.verdict ? mark(s.verdict) : mark('none', untested(s)),
  el('span', {class: 'dim'}, s.version + ' · ' + s.level), el('a', {href: statementLink(s)}, s.id)), el('div', {}, s.summary));

function statementPage(query) {
  const s = find(query.get('version'), query.get('id') || '');
  if (!s) return [el('h1', {}, 'No such statement')];
  const ids = [s.id].concat(s.clauses.map(c => c.id));
  const those = data.cases.filter(c => c.version === s.version && c.statements.some(id => ids.includes(id)));
  those.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  const choices = [s.result].concat(s.clauses.map(c => c.result)).filter(Boolean).flatMap(r => Object.entries(r.choices || {}));
  return [
    el('h1', {}, s.version + ' ' + s.id), el('p', {}, s.verdict ? mark(s.verdict) : mark('none', untested(s))), el('p', {}, s.summary),
    s.clauses.length > 0 && el('ul', {}, s.clauses.map(c => el('li', {}, mark(c.result && c.result.verdict), ' ' + c.id + ': ' + c.summary))),
    el('dl', {}, row('Section', s.place), row('Level', s.level), row('Binds', s.binds), s.reason ? row('Not in full observable', s.reason) : [], s.note ? row('Note', s.note) : []),
    choices.length > 0 && [el('h2', {}, 'What this broker chose'), el('ul', {}, choices.map(([id, choice]) => el('li', {}, choice + ' (', el('a', {href: caseLink({version: s.version, id})}, id), ')')))],
    el('h2', {}, those.length + (those.length === 1 ? ' case' : ' cases')), el('ul', {class: 'rows'}, those.slice(0, 1000).map(caseRow)),
  ];
}

const who = (client, connection) => client + (connection ? '#' + (connection + 1) : '');
const ms = at => (at / 1000).toFixed(1) + ' ms';
const S = (tag, attributes, text) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
function diagram(entries) {
  const shown = entries.filter(e => e.event !== 'step').slice(0, 120);
  const clients = [...new Set(shown.filter(e => e.client).map(e => who(e.client, e.connection)))].slice(0, 12);
  const width = Math.max(300, Math.min(760, main.clientWidth - 32)), step = 34, top = 40;
  const height = top + shown.length * step + 16, broker = width - 40, gap = Math.min(110, (broker - 150) / Math.max(1, clients.length));
  const x = name => 30 + Math.max(0, clients.indexOf(name)) * gap;
  const short = (text, room) => { const n = Math.max(4, Math.floor(room / 7.4)), all = [...text]; return all.length > n ? all.slice(0, n - 1).join('') + '…' : text; };
  const svg = S('svg', {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': 'Sequence diagram; the events are listed below it'});
  for (const [name, at] of clients.map(c => [c, x(c)]).concat([['broker', broker]])) {
    svg.append(S('text', {x: at, y: 16, 'text-anchor': 'middle'}, short(name, name === 'broker' ? 80 : Math.max(gap, 48))), S('line', {class: 'lane', x1: at, x2: at, y1: 24, y2: height}));
  }
  shown.forEach((e, i) => {
    const y = top + i * step + 20, from = x(who(e.client, e.connection));
    if (e.event === 'sent' || e.event === 'received') {
      const c = e.violation || e.violates ? 'bad' : e.event, end = e.event === 'sent' ? broker : from, d = e.event === 'sent' ? -7 : 7;
      svg.append(S('line', {class: c, x1: from, x2: broker, y1: y, y2: y, 'stroke-dasharray': e.control ? '3 3' : 'none'}),
        S('path', {class: c, d: `M${end} ${y}l${d} -4v8z`}), S('text', {x: from + 8, y: y - 6}, short((e.violation || e.violates ? '⚠ ' : '') + e.text, broker - from - 16)));
    } else {
      const text = e.event === 'opened' ? '○ opened' : e.event === 'ended' ? '✕ ' + e.text : '⏱ ' + e.text;
      svg.append(S('text', {class: 'dimtext', x: e.client ? from + 8 : 36, y: y - 2}, short(text, broker - from - 16)));
    }
  });
  return [svg, shown.length < entries.filter(e => e.event !== 'step').length && el('p', {class: 'dim'}, 'The diagram shows the first ' + shown.length + ' events.')];
}
const ARROWS = {sent: '→', received: '←', opened: 'opened', ended: 'ended:', timer: '⏱', step: '▸'};
function entry(e) {
  const text = [ms(e.at), e.control ? 'control' : '', who(e.client, e.connection), ARROWS[e.event], e.text || ''].filter(Boolean).join('  ');
  if (e.packet === undefined) return el('div', {class: 'event'}, text);
  return el('details', {}, el('summary', {}, text, e.violates && el('span', {class: 'v lenient'}, ' ⚠ breaks ' + e.violates + ' on purpose'), e.violation && el('span', {class: 'fail'}, ' ✘ ' + e.violation)),
    el('pre', {tabindex: 0}, data.packets[e.packet].map(line => data.lines[line]).join('\n')));
}
function casePage(query) {
  const c = data.cases.find(c => c.version === query.get('version') && c.id === query.get('id'));
  if (!c) return [el('h1', {}, 'No such case')];
  const findings = c.findings.map(f => el('div', {class: 'finding ' + f.verdict}, el('p', {}, mark(f.verdict), ' ' + f.message),
    f.allowed && el('p', {}, 'Allowed: ' + f.allowed), f.choice && el('p', {}, 'Choice: ' + f.choice), f.by_deadline && el('p', {class: 'dim'}, 'Found by waiting until a deadline.'),
    f.place && el('pre', {tabindex: 0}, c.source.replace(/:\d+$/, '') + ':' + f.place.line + ':' + f.place.column + '\n' + f.place.text + '\n' + ' '.repeat(Math.min(500, Math.max(0, f.place.column - 1))) + '^'.repeat(Math.min(200, Math.max(1, f.place.length))))));
  const copy = el('button', {type: 'button'}, 'Copy');
  copy.addEventListener('click', () => navigator.clipboard.writeText(c.rerun).then(() => { copy.textContent = 'Copied'; }, () => { copy.textContent = 'Select the text instead'; }));
  const t = c.timeline;
  return [
    el('h1', {}, c.title), el('p', {}, mark(c.verdict), c.flaky && el('span', {class: 'v inconclusive'}, ' ≈ flaky'), ' MQTT ' + c.version + ' · ', el('code', {}, c.id)),
    findings, el('h2', {}, 'Statements'),
    el('ul', {class: 'rows'}, c.statements.concat(c.cited.filter(id => !c.statements.includes(id))).map(id => {
      const s = find(c.version, id), clause = s && s.clauses.find(x => x.id === id);
      return el('li', {}, s ? el('a', {href: statementLink(s)}, id) : id, s && el('span', {class: 'dim'}, ' ' + s.level), c.cited.includes(id) && c.verdict !== 'pass' && el('span', {class: 'v ' + c.verdict}, ' decided this verdict'), el('div', {}, clause ? clause.summary : s ? s.summary : 'Not in the register of statements.'));
    })),
    el('h2', {}, 'Run again'), el('pre', {class: 'wrap', tabindex: 0}, c.rerun), copy,
    el('dl', {}, row('Source', el('code', {}, c.source)), row('Took', c.ms + ' ms'), c.expectation ? row('Baseline', c.expectation + (c.foreseen && c.foreseen.reason ? ': ' + c.foreseen.reason : '')) : [],
      c.endings.map(e => row('Connection of ' + who(e.client, e.connection), e.how + (e.reason_code ? ', after ' + e.reason_code : ''))), c.absences ? row('Absences by quiet time', String(c.absences)) : []),
    el('h2', {}, 'Timeline'),
    !t ? el('p', {class: 'dim'}, 'Left out of this file to keep it small; the JSON record holds it, and the command above shows it with -vv.')
      : [diagram(t.entries), t.entries.map(entry), t.leftOut > 0 && el('p', {class: 'dim'}, t.leftOut + ' more events are in the JSON record.')],
  ];
}

function route(first) {
  const [page, query] = location.hash.replace(/^#\/?/, '').split('?'), parameters = new URLSearchParams(query || '');
  const content = page === 'cases' || page === 'statements' ? list(page, parameters) : page === 'case' ? casePage(parameters) : page === 'statement' ? statementPage(parameters) : overview();
  main.replaceChildren(...content.flat(3).filter(Boolean));
  document.title = main.querySelector('h1').textContent + ' · MQTT conformance of ' + data.broker.name;
  for (const a of document.querySelectorAll('nav a')) {
    if (a.getAttribute('href') === '#/' + page) a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
  }
  if (!first) { main.focus({preventScroll: true}); scrollTo(0, 0); }
}
addEventListener('hashchange', () => route(false));
// The fragment names the page, so the link to the content must not take its place.
document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); main.focus(); });
addEventListener('keydown', event => {
  const box = document.querySelector('input[type=search]');
  if (event.key === '/' && box && document.activeElement !== box) { event.preventDefault(); box.focus(); }
});
route(true);
