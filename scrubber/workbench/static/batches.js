"use strict";
// Sends a file of claims as it is, and says how far it is: the file itself is the body.
(() => {
  const form = document.querySelector("form.drop");
  if (!form) return;
  const said = form.querySelector(".said");
  const button = form.querySelector("button");
  const bar = form.querySelector("progress");

  function say(text, wrong) {
    said.textContent = text;
    said.classList.toggle("wrong", wrong);
  }

  function failed(text) {
    say(text, true);
    bar.hidden = true;
    button.disabled = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const [file] = form.elements.file.files;
    if (file.size > Number(form.dataset.most) << 20) {
      failed(`The file is larger than ${form.dataset.most} MB; send it in parts.`);
      return;
    }
    const query = new URLSearchParams({ client: form.elements.client.value });
    if (form.elements.again.checked) query.set("again", "yes");
    const request = new XMLHttpRequest();
    request.open("POST", `${form.getAttribute("action")}?${query}`);
    request.setRequestHeader("X-Form", form.dataset.token);
    request.setRequestHeader("X-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (part) => {
      if (part.lengthComputable) bar.value = (100 * part.loaded) / part.total;
    });
    request.addEventListener("load", () => {
      if (request.status === 200) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status === 409) form.querySelector(".again").hidden = false;
      failed(page.querySelector(".message p")?.textContent ?? "The server refused it.");
    });
    request.addEventListener("error", () => failed("The server could not be reached; nothing is known of the file."));
    button.disabled = true;
    bar.value = 0;
    bar.hidden = false;
    say("It is being sent…", false);
    request.send(file);
  });
})();
