"use strict";
// Light or dark: the reader's system decides until the button does, for as long as the page is open.
{
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => {
    button.textContent = dark() ? "Light" : "Dark";
    button.title = dark() ? "Switch to light colours" : "Switch to dark colours";
  };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    label();
  });
  system.addEventListener("change", label);
  label();
  button.hidden = false;
}

// Tables sort by the column whose heading is pressed: numbers by value, texts as people sort them, blanks last.
{
  const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const key = (row, column) => {
    const cell = row.cells[column];
    if (!cell || cell.classList.contains("none")) return null;
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.textContent.trim();
  };
  const blank = (value) => value === null || value === "" || value === "–";
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : texts.compare(String(a), String(b));
  const sort = (table, heading) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, heading.cellIndex), row]);
    rows.sort(([a], [b]) => {
      if (blank(a) || blank(b)) return blank(a) - blank(b);
      return down ? compare(b, a) : compare(a, b);
    });
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sorts"))
    for (const heading of table.tHead.rows[0].cells)
      heading.firstElementChild.addEventListener("click", () => sort(table, heading));
}
