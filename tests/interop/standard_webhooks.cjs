// One command as JSON on stdin, one answer as JSON on stdout, with npm's standardwebhooks.
const { Webhook } = require("standardwebhooks");

const { command, secret, id, seconds, body, headers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const webhook = new Webhook(secret);
const answers = {
  sign: () => webhook.sign(id, new Date(seconds * 1000), body),
  verify: () => {
    try {
      return { payload: webhook.verify(body, headers) };
    } catch (error) {
      return { refused: error.message };
    }
  },
};
process.stdout.write(JSON.stringify(answers[command]()));
