// One command as JSON on stdin, one answer as JSON on stdout: the clients of Perspective and of OpenAI.
const OpenAI = require("openai").default;
const Perspective = require("perspective-api-client");
const axios = require(require.resolve("axios", { paths: [require.resolve("perspective-api-client")] }));

const { port, key, text } = JSON.parse(require("fs").readFileSync(0, "utf8"));
// The client has Google's address fixed: the request is carried to ours and left as it is otherwise.
axios.interceptors.request.use((config) => ({
  ...config,
  url: config.url.replace(/^https:\/\/commentanalyzer\.googleapis\.com/, `http://127.0.0.1:${port}`),
  proxy: false,
}));
const told = (promise) => promise.catch((error) => ({ error: error.message, status: error.status ?? error.response?.status }));
(async () => {
  const perspective = new Perspective({ apiKey: key });
  const openai = new OpenAI({ apiKey: key, baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
  const answers = {
    analyzed: await told(perspective.analyze(text, { attributes: ["TOXICITY", "INSULT"] })),
    refused: await told(perspective.analyze(text, { attributes: ["FLIRTATION"] })),
    one: await told(openai.moderations.create({ input: text })),
    parts: await told(openai.moderations.create({ input: [text, "Thank you."] })),
  };
  process.stdout.write(JSON.stringify(answers));
})();
