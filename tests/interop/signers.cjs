// One command as JSON on stdin, one answer as JSON on stdout: the libraries with which others sign what they send us.
const { signRequest } = require("@contentful/node-apps-toolkit");

const { command, secret, body, path, timestamp } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = {
  octokit: async () => {
    const { sign } = await import("@octokit/webhooks-methods"); // it can be imported only so
    return { "X-Hub-Signature-256": await sign(secret, body) };
  },
  contentful: async () =>
    signRequest(
      secret,
      { method: "POST", path, body, headers: { "Content-Type": "application/vnd.contentful.management.v1+json" } },
      timestamp,
    ),
};
answers[command]().then((headers) => process.stdout.write(JSON.stringify(headers)));
