// Passkeys: asks the server for a challenge, the browser for a key, and sends the key's answer with the form.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  for (const part of document.querySelectorAll("[data-without-passkeys]")) part.hidden = true;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

  // What the server writes as text becomes bytes, and the other way round.
  function read(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = listed(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = listed(options.allowCredentials);
    return options;
  }
  function write(credential) {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      clientExtensionResults: credential.getClientExtensionResults() });
  }

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.querySelector("form");
    const problem = part.querySelector("[data-problem]");
    part.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      problem.hidden = true;
      try {
        const answer = await fetch(part.dataset.begin, { method: "POST", headers: { Accept: "application/json" } });
        if (answer.redirected) return location.assign(answer.url);
        if (!answer.ok) throw new Error(String(answer.status));
        const options = { publicKey: read((await answer.json()).publicKey) };
        const credential = await navigator.credentials[part.dataset.passkey](options);
        form.elements.credential.value = write(credential);
        form.submit();
      } catch {
        // Refused, or nobody touched the key: the browser has said so already.
        problem.textContent = problem.dataset.problem;
        problem.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
