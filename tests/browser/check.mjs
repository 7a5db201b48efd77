// node check.mjs BASE_URL OUTDIR [--languages en,es,pt,fr] [--paths /,/commitments] [--quick]
//
// Visits the pages of a running node in Debian's Chromium, in each language, at 320 and 1280 px,
// light and dark, and fails on: an axe finding (WCAG 2.0 to 2.2 A and AA, best practice), sideways
// scrolling, a console message, a request to another origin, a first load above 200 kB, a link that
// leads nowhere. Leaves a screenshot of each view in OUTDIR. Prints "N passed, N failed" as its last line.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const FIRST_LOAD_BYTES_MAX = 200 * 1000;
const WIDTHS = [320, 1280];
const THEMES = ['light', 'dark'];
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const EXPECTED_STATUS = { '/nowhere': 404 };

const [base, outdir, ...rest] = process.argv.slice(2);
if (!base || !outdir) {
  console.error('usage: node check.mjs BASE_URL OUTDIR [--languages en,es] [--paths /,/data] [--quick]');
  process.exit(2);
}
const option = (name, fallback) => {
  const at = rest.indexOf(name);
  return at < 0 ? fallback : rest[at + 1].split(',');
};
const quick = rest.includes('--quick');
const languages = option('--languages', ['en', 'es', 'pt', 'fr']);
const origin = new URL(base).origin;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Lists lead to one page of each kind, so the check needs no knowledge of what a node holds.
const LISTS = ['/', '/commitments', '/commitments?theme=firearms&page=1', '/search?q=firearms',
  '/search', '/documents', '/meetings', '/themes', '/treaties', '/institutions', '/countries',
  '/countries/CRI', '/methods', '/data', '/sign-in', '/nowhere',
  '/figures', '/figures?q=drug', '/figures/homicide_rate', '/figures/homicide_rate?territory=GRD',
  '/figures/kidnapping_rate', '/figures/explorer', '/figures/releases', '/figures/method',
  '/figures/explorer?indicator=homicide_rate&table=2&territory=COL&sex=F',
  '/figures/releases/catalogue-homicides-2019', '/figures/countries/COL',
  '/figures/countries/CUB'];
const KINDS = [['/commitments', '/commitments/'], ['/documents', '/documents/'],
  ['/documents', '/sources/'], ['/meetings', '/meetings/'], ['/themes', '/themes/'],
  ['/treaties', '/treaties/'], ['/institutions', '/institutions/']];

async function discover(context, language) {
  const paths = [...LISTS];
  const page = await context.newPage();
  for (const [list, prefix] of KINDS) {
    await page.goto(`${origin}/${language}${list}`);
    const found = await page.$$eval('main a[href]', (links) => links.map((a) => a.getAttribute('href')));
    const first = found.find((href) => href.startsWith(`/${language}${prefix}`));
    if (first) paths.push(first.slice(language.length + 1));
  }
  await page.close();
  return paths;
}

const links = new Map();  // address -> the page that it stands on

async function collectLinks(page, where) {
  // By attribute: the href of a link inside a drawing is an object.
  const found = await page.$$eval('a[href]', (all) => all.map((a) => a.getAttribute('href')));
  for (const given of found) {
    const href = new URL(given, page.url()).href;
    if (new URL(href).origin === origin) links.set(href.split('#')[0], where);
  }
}

// Every address that stands on a page is asked for once; forms behind a sign-in may say so.
async function deadLinks() {
  const dead = [];
  for (const [href, where] of links) {
    const answer = await fetch(href, { redirect: 'manual' });
    await answer.arrayBuffer();
    if (answer.status >= 400 && answer.status !== 401 && !href.endsWith('/nowhere')) {
      dead.push(`${answer.status} ${href} on ${where}`);
    }
  }
  return dead;
}

async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const wide = [...document.querySelectorAll('body *')].find(
      (e) => e.getBoundingClientRect().right > width + 1 && getComputedStyle(e).position !== 'absolute' &&
        !e.closest('.scroll') && !e.closest('svg svg'));
    return `${document.documentElement.scrollWidth} > ${width}: ` +
      (wide ? `${wide.tagName.toLowerCase()}.${wide.getAttribute('class')}` : '?');
  });
}

async function axeFindings(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }),
    AXE_TAGS);
  return result.violations.map((v) => `axe ${v.id} (${v.nodes.length}): ${v.help}: ` +
    v.nodes.slice(0, 2).map((n) => n.html.slice(0, 140)).join(' | '));
}

async function visit(browser, view) {
  const { language, where, width, theme } = view;
  const problems = [];
  // Axe is put into the page by the browser's own protocol, which the page's policy does not bind.
  const context = await browser.newContext({
    viewport: { width, height: width < 720 ? 640 : 900 }, colorScheme: theme, bypassCSP: false,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  const expected = EXPECTED_STATUS[where] ?? 200;
  page.on('console', (message) => {
    const known = expected !== 200 && message.text().includes(String(expected));
    if (!known) problems.push(`console ${message.type()}: ${message.text().slice(0, 200)}`);
  });
  page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`request to ${request.url()}`);
  });
  const response = await page.goto(`${origin}/${language}${where}`, { waitUntil: 'networkidle' });
  if (response.status() !== expected) problems.push(`status ${response.status()}, not ${expected}`);
  if (bytes > FIRST_LOAD_BYTES_MAX) problems.push(`first load ${bytes} bytes`);
  const sideways = await overflow(page);
  if (sideways) problems.push(`scrolls sideways: ${sideways}`);
  const name = `${language}${where === '/' ? '-home' : where.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}-${width}-${theme}`;
  await page.screenshot({ path: path.join(outdir, `${name}.png`), fullPage: true });
  problems.push(...await axeFindings(page));
  if (width === WIDTHS.at(-1) && language === languages[0]) await collectLinks(page, where);
  await context.close();
  return { name, bytes, problems };
}

fs.mkdirSync(outdir, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let passed = 0;
let failed = 0;
let heaviest = 0;
for (const language of languages) {
  const context = await browser.newContext();
  const paths = option('--paths', null) ?? await discover(context, language);
  await context.close();
  const views = paths.flatMap((where) => WIDTHS.flatMap((width) => THEMES.map(
    (theme) => ({ language, where, width, theme }))));
  for (const view of views) {
    if (quick && view.theme === 'dark') continue;
    const { name, bytes, problems } = await visit(browser, view);
    heaviest = Math.max(heaviest, bytes);
    if (problems.length === 0) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`FAILED ${name}`);
      for (const problem of [...new Set(problems)]) console.log(`  ${problem}`);
    }
  }
}
await browser.close();
const dead = await deadLinks();
dead.forEach((link) => console.log(`FAILED link ${link}`));
failed += dead.length;
passed += links.size - dead.length;
console.log(`heaviest first load: ${heaviest} bytes`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
