// Light or dark as the system has it, or as the reader chose; kept from page to page.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  // A page opened from a file may not be allowed to keep anything: then it lasts for the page.
  try { chosen = localStorage.getItem("theme"); } catch {}

  const isDark = () => (chosen ? chosen === "dark" : system.matches);

  function show() {
    const dark = isDark();
    root.dataset.theme = dark ? "dark" : "light";
    for (const source of document.querySelectorAll("picture source")) {
      // On paper every figure is light.
      source.media = dark ? "screen" : "not all";
    }
    const button = document.getElementById("theme");
    if (!button) return;
    button.textContent = dark ? button.dataset.light : button.dataset.dark;
    button.hidden = false;
  }

  function change() {
    chosen = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", chosen); } catch {}
    show();
  }

  show();
  system.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", change);
    show();
  });
})();
