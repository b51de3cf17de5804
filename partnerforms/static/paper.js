// Typing sheets: a code moves on to the next field, Enter saves. Everything works without it too.
(() => {
  const form = document.getElementById("sheet");
  const all = [...form.querySelectorAll("input[type=text],textarea")];
  const codes = input => (input.dataset.codes || "").split(" ");

  // The word of a code beside its field, so that a slip is seen at once.
  function say(input) {
    const code = input.value.trim(), output = input.parentNode.querySelector("output");
    const word = document.querySelector(`#${input.dataset.legend} [data-code="${CSS.escape(code)}"]`);
    output.textContent = word ? word.lastChild.textContent.trim() : "";
    const wrong = code !== "" && !word;
    input.toggleAttribute("aria-invalid", wrong);
    if (wrong) input.setAttribute("aria-invalid", "true");
    input.closest(".q").classList.toggle("bad", wrong);
    return Boolean(word);
  }

  function go(input, steps) {
    const next = all[all.indexOf(input) + steps] || (steps > 0 ? form.querySelector("button[type=submit]") : null);
    if (!next) return;
    next.focus();
    if (next.select) next.select();
  }

  form.addEventListener("input", event => {
    const input = event.target;
    if (!input.dataset.codes || event.isComposing) return;
    if (input.value.trim() === "0") { input.value = ""; say(input); return go(input, 1); }
    // A number that others begin with waits for the next figure.
    const longer = codes(input).some(code => code !== input.value && code.startsWith(input.value));
    if (say(input) && !longer) go(input, 1);
  });

  form.addEventListener("keydown", event => {
    const input = event.target;
    if (event.isComposing || !all.includes(input)) return;
    const writing = input.tagName === "TEXTAREA";
    if (event.key === "Enter" && writing && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "ArrowDown" && !writing) {
      event.preventDefault();
      go(input, 1);
    } else if (event.key === "ArrowUp" && !writing || event.key === "Backspace" && input.value === "") {
      event.preventDefault();
      go(input, -1);
    }
  });

  // Enter held down must not send twice.
  let sent = false;
  form.addEventListener("submit", event => { if (sent) event.preventDefault(); sent = true; });
  addEventListener("pageshow", () => { sent = false; });
})();
