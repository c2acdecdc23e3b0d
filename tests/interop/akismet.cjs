// Commands as JSON on stdin, answers as JSON on stdout, with npm's akismet and akismet-api.
const dns = require("dns");

const { port, key, blog, host, comments } = JSON.parse(require("fs").readFileSync(0, "utf8"));

// Both put the key before the host; no name server knows ours.
const lookup = dns.lookup;
dns.lookup = (name, options, done) => {
  const given = typeof options === "function" ? {} : options;
  const tell = typeof options === "function" ? options : done;
  if (!name.endsWith(host)) return lookup(name, options, done);
  return given.all ? tell(null, [{ address: "127.0.0.1", family: 4 }]) : tell(null, "127.0.0.1", 4);
};

const akismet = require("akismet").client({ apiKey: key, blog, host, port });
const { AkismetClient } = require("akismet-api");
const api = new AkismetClient({ key, blog, host: `${host}:${port}`, protocol: "http" });

// Somebody else: the same words of the same author again are advertising to us.
const elsewhere = (comment) => ({ ...comment, comment_author_email: "bob@example.com", permalink: `${blog}/other` });

const called = (method, options) =>
  new Promise((resolve) => {
    const done = (error, answer) => resolve(error ? `error: ${error.message}` : (answer ?? null));
    options ? akismet[method](options, done) : akismet[method](done);
  });
const told = (promise) => promise.then((answer) => answer?.text ?? answer).catch((error) => `error: ${error.message}`);

(async () => {
  const answers = { akismet: {}, api: {} };
  answers.akismet.verify = await called("verifyKey");
  answers.api.verify = await told(api.verifyKey());
  answers.akismet.check = [];
  answers.api.check = [];
  for (const comment of comments) {
    answers.akismet.check.push(await called("checkComment", { ...comment }));
    answers.api.check.push(await told(api.checkSpam(elsewhere(comment))));
  }
  answers.akismet.spam = await called("submitSpam", { ...comments[0] });
  answers.akismet.ham = await called("submitHam", { ...comments[1] });
  answers.api.spam = await told(api.submitSpam(elsewhere(comments[0])));
  answers.api.ham = await told(api.submitHam(elsewhere(comments[1])));
  process.stdout.write(JSON.stringify(answers));
})();
