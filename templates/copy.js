"use strict";

// The page is whole without this file: it only adds a button to each address.
(() => {
  const status = document.querySelector("[data-copied]");
  const buttons = document.querySelectorAll("button[data-field]");
  const caption = buttons[0].textContent;

  const copy = async (field) => {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(field.value);
      return;
    }
    // A page that came by plain http has no clipboard, but may copy what is selected.
    field.select();
    if (!document.execCommand("copy")) throw new Error("copying is not allowed");
  };

  const onClick = async ({ currentTarget: button }) => {
    const field = document.getElementById(button.dataset.field);
    for (const each of buttons) each.textContent = caption;
    try {
      await copy(field);
      button.textContent = status.dataset.copied;
      status.textContent = `${field.labels[0].textContent}: ${status.dataset.copied}`;
      button.focus();
    } catch {
      field.focus();
      field.select();
      status.textContent = status.dataset.failed;
    }
  };

  for (const button of buttons) {
    button.addEventListener("click", onClick);
    button.hidden = false;
  }
})();
