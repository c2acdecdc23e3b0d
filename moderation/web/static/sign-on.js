// The fragment of an address is never sent to a server; from here the token goes on in the body of the form alone.
const form = document.getElementById("sign-on");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname + location.search);
if (token) {
  form.elements.token.value = token;
  document.getElementById("no-token").hidden = true;
  form.hidden = false;
}
