// A few comforts; every page works without them. "/" goes to the search field, buttons with
// data-copy put a text of the page on the clipboard, those with data-print print it, and an address
// that ends in a line of a long file (#L1200) finds the part of the file that holds it.
const search = document.querySelector('input[name="q"]');
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, select, textarea, [contenteditable]');
  if (event.key === '/' && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});
const status = document.querySelector('#status');
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    }
  });
}
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
const line = /^#L(\d+)$/.exec(location.hash)?.[1];
if (line && location.pathname.includes('/sources/') && !document.getElementById(`L${line}`) &&
    !location.search.includes(`from=${line}`)) {
  location.replace(`${location.pathname}?from=${line}#L${line}`);
}
