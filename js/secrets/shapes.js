// The shapes of secrets: what each kind of key, token or password looks like in a text.
//
// A shape starts with a literal, which must be there before anything else is compared. After it
// come runs of characters of a class, each with the fewest and the most that it may have. No run
// is tried twice, so that the time is linear in the text.
//
// In an example, `{}` stands for the literal: whole examples would alarm those who scan this file.

/**
 * @typedef {object} Run characters of a class, as many as there are
 * @property {keyof typeof CLASSES} of the class
 * @property {number} least the fewest
 * @property {number} [most] the most. Default: `least`
 * @property {boolean} [isMixed] whether it must have a letter and a digit
 * @property {string} [once] characters of which it must have some, and none twice
 * @property {boolean} [isNoCode] whether it must not be code, unless a quote stands before it
 * @property {string} [last] the run ends before the last of this character in it
 *
 * @typedef {{ text: string }} Text that must follow, in any case
 * @typedef {{ until: string, most: number }} Until everything before a text, or as much as there is
 *
 * @typedef {Run | Text | Until} Part
 *
 * @typedef {object} Shape
 * @property {string} name of the family, for people
 * @property {readonly string[]} literals any of which must be there first
 * @property {boolean} [ignoresCase] whether the case of the literal does not count
 * @property {Run & { starts?: string }} [before] a run that ends at the literal, and how it must
 *   start
 * @property {readonly Part[]} parts what follows the literal
 * @property {number} [from] the part that the secret starts with. Default: the shape's start
 * @property {boolean} [isOpen] whether anything may stand beside it
 * @property {string} example made up; `{}` is the first literal
 * @property {string} source where its issuer, or who found it, describes it
 */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const SPACES = " \t\r\n";
/** What starts a colour of a terminal, too. */
const CONTROLS = `${SPACES}\0\x07\x08\x1b`;

/**
 * Classes of characters. Those of `except` have all others, also those outside of ASCII.
 *
 * @satisfies {Record<string, { chars: string } | { except: string }>}
 */
export const CLASSES = {
  digit: { chars: DIGITS },
  hex: { chars: `${DIGITS}abcdef` },
  anyHex: { chars: `${DIGITS}abcdefABCDEF` },
  base32: { chars: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" },
  upper: { chars: `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ` },
  alnum: { chars: DIGITS + LETTERS },
  word: { chars: `${DIGITS}${LETTERS}_` },
  key: { chars: `${DIGITS}${LETTERS}_-` },
  dotted: { chars: `${DIGITS}${LETTERS}_-.` },
  tilde: { chars: `${DIGITS}${LETTERS}_-.~` },
  base64: { chars: `${DIGITS}${LETTERS}+/=` },
  token: { chars: `${DIGITS}${LETTERS}+/=_-.~` },
  path: { chars: `${DIGITS}${LETTERS}/_-` },
  percent: { chars: `${DIGITS}${LETTERS}%+/=` },
  /** What stands between a name and its value: in code, in JSON and in JSON within JSON. */
  between: { chars: `${SPACES}"'\`=:>\\,` },
  /** The same within a line, where only `=` and `:` say that a value follows. */
  assigned: { chars: ` \t"'\`=:>\\` },
  /** After the first line of a PEM block; a line end in JSON is `\n`, or `\r\n`. */
  lineEnd: { chars: `${SPACES}\\rn` },
  pem: { chars: `${DIGITS}${LETTERS}+/=-:` },
  label: { chars: `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ -` },
  dash: { chars: "-" },
  end: { chars: `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ ` },
  user: { except: `${CONTROLS}:@/"'\`<>{}\\` },
  password: { except: `${CONTROLS}/"'\`<>{}\\` },
  value: { except: `${CONTROLS}"'\`<>{}()[],;$&|\\` },
};

/**
 * @param {keyof typeof CLASSES} of
 * @param {number} least
 * @param {number} [most]
 * @returns {Run}
 */
const run = (of, least, most = least) => ({ of, least, most });

/** @type {Run} */
const between = run("between", 1, 12);

/**
 * A token that is known by how it starts.
 *
 * @param {string} name
 * @param {string | readonly string[]} literals
 * @param {Part | readonly Part[]} parts
 * @param {string} example
 * @param {string} source
 * @returns {Shape}
 */
function prefixed(name, literals, parts, example, source) {
  return {
    name,
    literals: /** @type {string[]} */ ([literals].flat()),
    parts: /** @type {Part[]} */ ([parts].flat()),
    example,
    source,
  };
}

/**
 * A value that is known by the name before it alone.
 *
 * @param {string} name
 * @param {readonly string[]} literals in any case
 * @param {Run} value
 * @param {string} example
 * @param {string} source
 * @returns {Shape}
 */
function named(name, literals, value, example, source) {
  return { name, literals, ignoresCase: true, parts: [between, value], from: 1, example, source };
}

const GITHUB =
  "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats";
const gitHub = (/** @type {string} */ kind, /** @type {string} */ literal) =>
  prefixed(
    `GitHub ${kind}`,
    literal,
    run("word", 36, 255),
    "{}p9Xw2LqTz7RkBv4NcYd8HsJ1mGf6EuA3oKiZ",
    GITHUB,
  );

/**
 * Every shape. Where shapes overlap in a text, the first of them names what was found.
 *
 * @type {readonly Shape[]}
 */
export const SHAPES = [
  prefixed(
    "AWS access key ID",
    ["AKIA", "ASIA"],
    run("base32", 16),
    "{}J7QTZPLDW4XN2VRS",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
  ),
  named(
    "AWS secret access key",
    ["secret_access_key", "secretaccesskey", "aws_secret_key"],
    run("base64", 40),
    "{}=q8Zt/Kd3Wm1+Rv7YxLp0Hs4Nf9Jb2Gc6Tq5EaUzD",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
  ),
  named(
    "AWS session token",
    ["session_token", "sessiontoken", "x-amz-security-token"],
    run("base64", 100, 4096),
    `{}=${"IQoJb3JpZ2luX2VjEM7x4kT9".repeat(5)}`,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
  ),
  prefixed(
    "Amazon Bedrock API key",
    "ABSK",
    run("base64", 109, 280),
    `{}${"QmVkcm9ja0FQSUtleS1h".repeat(6)}`,
    "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
  ),
  gitHub("personal access token", "ghp_"),
  gitHub("OAuth token", "gho_"),
  gitHub("user-to-server token", "ghu_"),
  gitHub("installation token", "ghs_"),
  gitHub("refresh token", "ghr_"),
  prefixed(
    "GitHub fine-grained token",
    "github_pat_",
    run("word", 82, 255),
    `{}11ABQ7XLY0k3Zt9WmRv7YxLp_${"q8Zt3Kd5Wm1Rv7YxLp0Hs4Nf9Jb2".repeat(2)}Aa1Bb2Cc`,
    GITHUB,
  ),
  prefixed(
    "GitLab token",
    [
      ...["glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-"],
      ...["glsoat-", "gloas-", "glffct-", "glwt-"],
    ],
    run("dotted", 20, 300),
    "{}x7Kd3Wm1Rv7YxLp0Hs4N",
    "https://docs.gitlab.com/security/tokens/#token-prefixes",
  ),
  prefixed(
    "Slack token",
    ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe-", "xoxe.", "xoxc-", "xoxd-"],
    { ...run("dotted", 24, 400), isMixed: true },
    "{}731842956017-8264917350284-Kd3Wm1Rv7YxLp0Hs4Nf9Jb2G",
    "https://docs.slack.dev/authentication/tokens",
  ),
  prefixed(
    "Slack app token",
    "xapp-",
    [run("digit", 1), { text: "-" }, run("upper", 9, 12), { text: "-" }, run("key", 40, 200)],
    "{}1-A07KD3WM1RV-7318429560172-0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2b6f4a09183c5e7d1b2f60a48",
    "https://docs.slack.dev/authentication/tokens",
  ),
  prefixed(
    "Slack webhook",
    ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
    run("path", 40, 90),
    "{}T07KD3WM1/B07RV7YXLPQ/k3Zt9WmRv7YxLp0Hs4Nf9Jb2",
    "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
  ),
  prefixed(
    "Stripe key",
    ["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
    run("alnum", 16, 250),
    "{}51Kd3Wm1Rv7YxLp0Hs4Nf9Jb2",
    "https://docs.stripe.com/keys",
  ),
  prefixed(
    "Stripe webhook secret",
    "whsec_",
    run("base64", 24, 100),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUz",
    "https://docs.stripe.com/webhooks/signature",
  ),
  {
    name: "OpenAI API key",
    literals: ["T3BlbkFJ"],
    before: { ...run("key", 23, 200), starts: "sk-" },
    parts: [run("key", 20, 200)],
    example: "sk-k3Zt9WmRv7YxLp0Hs4Nf{}Jb2GcTqEaUzDq8ZtKd3W",
    source: "https://platform.openai.com/docs/api-reference/authentication",
  },
  prefixed(
    "OpenAI API key",
    ["sk-proj-", "sk-svcacct-", "sk-admin-"],
    run("key", 40, 250),
    `{}${"k3Zt9Wm_Rv7YxLp0-Hs4Nf".repeat(3)}`,
    "https://platform.openai.com/docs/api-reference/project-api-keys",
  ),
  prefixed(
    "Anthropic API key",
    "sk-ant-",
    run("key", 40, 250),
    `{}api03-${"q8ZtKd3Wm1Rv7YxLp0Hs".repeat(4)}-xAA`,
    "https://docs.anthropic.com/en/api/overview#authentication",
  ),
  prefixed(
    "OpenRouter API key",
    "sk-or-v1-",
    run("hex", 64),
    `{}${"0f3b9c5d7e1a2846".repeat(4)}`,
    "https://openrouter.ai/docs/api-reference/authentication",
  ),
  prefixed(
    "Groq API key",
    "gsk_",
    run("alnum", 52),
    `{}${"k3Zt9WmRv7YxL".repeat(4)}`,
    "https://console.groq.com/docs/quickstart",
  ),
  prefixed(
    "xAI API key",
    "xai-",
    run("alnum", 80),
    `{}${"k3Zt9WmRv7YxLp0Hs4Nf".repeat(4)}`,
    "https://docs.x.ai/docs/tutorial",
  ),
  prefixed(
    "Perplexity API key",
    "pplx-",
    run("alnum", 48, 60),
    `{}${"k3Zt9WmRv7Yx".repeat(4)}`,
    "https://docs.perplexity.ai/getting-started/quickstart",
  ),
  prefixed(
    "Replicate API token",
    "r8_",
    run("alnum", 37),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8Zt",
    "https://replicate.com/docs/topics/security/api-tokens",
  ),
  prefixed(
    "Hugging Face token",
    ["hf_", "api_org_"],
    run("alnum", 34),
    "{}pQwErTyUiOkJhGfDsAzXcVbNmLkPoIuYtR",
    "https://huggingface.co/docs/hub/security-tokens",
  ),
  prefixed(
    "LangSmith API key",
    ["lsv2_pt_", "lsv2_sk_"],
    [run("hex", 32), { text: "_" }, run("hex", 10)],
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a18293_64c0e8d2b6",
    "https://docs.langchain.com/langsmith/create-account-api-key",
  ),
  prefixed(
    "Google API key",
    "AIza",
    run("key", 35),
    "{}SyK3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzD",
    "https://cloud.google.com/docs/authentication/api-keys",
  ),
  prefixed(
    "Google OAuth client secret",
    "GOCSPX-",
    run("key", 28),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTq",
    "https://developers.google.com/identity/protocols/oauth2",
  ),
  prefixed(
    "Google OAuth token",
    ["ya29.", "1//0"],
    run("dotted", 40, 2048),
    "{}a0AcM612x7Kd3Wm1Rv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8Zt",
    "https://developers.google.com/identity/protocols/oauth2#size",
  ),
  named(
    "Google service account key ID",
    ["private_key_id"],
    run("hex", 40),
    '{}": "0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2',
    "https://cloud.google.com/iam/docs/keys-create-delete",
  ),
  {
    name: "private key",
    literals: ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"],
    before: { ...run("label", 11, 60), starts: "-----BEGIN " },
    parts: [
      run("lineEnd", 0, 16),
      run("pem", 8, 20_000),
      { until: "-----", most: 20_000 },
      run("dash", 0, 80),
      run("end", 0, 60),
      run("dash", 0, 80),
    ],
    isOpen: true,
    example: `-----BEGIN RSA {}\n${"MIIEk3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8Zt/Kd+W3m\n".repeat(3)}-----END RSA PRIVATE KEY-----`,
    source: "https://www.rfc-editor.org/rfc/rfc7468",
  },
  prefixed(
    "age secret key",
    "AGE-SECRET-KEY-1",
    run("upper", 58),
    "{}QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
    "https://age-encryption.org/v1",
  ),
  prefixed(
    "JSON Web Token",
    "eyJ",
    [
      run("key", 10, 4096),
      { text: "." },
      { text: "eyJ" },
      run("key", 8, 16_384),
      { text: "." },
      run("key", 16, 2048),
    ],
    "{}hbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0LTQyIn0.k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3W",
    "https://www.rfc-editor.org/rfc/rfc7519",
  ),
  prefixed(
    "npm token",
    "npm_",
    run("alnum", 36),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8Z",
    "https://docs.npmjs.com/about-access-tokens",
  ),
  prefixed(
    "PyPI token",
    ["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
    run("key", 50, 1000),
    `{}${"CJGYwM2I5YzVkLTdlMWEt".repeat(4)}`,
    "https://pypi.org/help/#apitoken",
  ),
  prefixed(
    "RubyGems API key",
    "rubygems_",
    run("hex", 48),
    `{}${"0f3b9c5d7e1a2846".repeat(3)}`,
    "https://guides.rubygems.org/api-key-scopes/",
  ),
  prefixed(
    "Docker Hub token",
    ["dckr_pat_", "dckr_oat_"],
    run("key", 27, 40),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcT",
    "https://docs.docker.com/security/access-tokens/",
  ),
  {
    name: "Azure storage key",
    literals: ["AccountKey=", "SharedAccessKey="],
    ignoresCase: true,
    parts: [run("base64", 43, 88)],
    from: 0,
    example: `{}${"k3Zt9WmRv7YxLp0Hs4Nf9J".repeat(3)}q8Zt/Kd3Wm1+Rv7YxLp0==`,
    source:
      "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string",
  },
  {
    name: "Azure shared access signature",
    literals: ["sig="],
    parts: [run("percent", 43, 70)],
    from: 0,
    example: "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3Wm1%3D",
    source: "https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas",
  },
  {
    name: "Microsoft Entra client secret",
    literals: ["Q~"],
    before: run("tilde", 4),
    parts: [run("tilde", 31, 34)],
    example: "k3Z8{}t9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq.",
    source: "https://learn.microsoft.com/en-us/purview/sit-defn-client-secret-api-key",
  },
  prefixed(
    "Twilio API key",
    "SK",
    run("hex", 32),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://www.twilio.com/docs/iam/api-keys",
  ),
  named(
    "Twilio auth token",
    ["twilio_auth_token", "twilio_token", "twilioauthtoken"],
    run("hex", 32),
    "{}=0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://www.twilio.com/docs/iam/api/authtoken",
  ),
  prefixed(
    "SendGrid API key",
    "SG.",
    [run("key", 22), { text: "." }, run("key", 43)],
    "{}k3Zt9WmRv7YxLp0Hs4Nf9J.b2GcTqEaUzDq8ZtKd3Wm1Rv7YxLp0Hs4Nf9Jb2GcTqE",
    "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
  ),
  prefixed(
    "Mailgun API key",
    "key-",
    run("hex", 32),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt/rbac-mgmt",
  ),
  {
    name: "Mailchimp API key",
    literals: ["-us"],
    before: run("hex", 32),
    parts: [run("digit", 1, 2)],
    example: "0f3b9c5d7e1a2846b0d9c3e5f7a18293{}21",
    source: "https://mailchimp.com/developer/marketing/guides/quick-start/",
  },
  prefixed(
    "Resend API key",
    "re_",
    [run("alnum", 8), { text: "_" }, run("alnum", 24)],
    "{}k3Zt9WmR_v7YxLp0Hs4Nf9Jb2GcTqEaUz",
    "https://resend.com/docs/dashboard/api-keys/introduction",
  ),
  prefixed(
    "DigitalOcean token",
    ["dop_v1_", "doo_v1_", "dor_v1_"],
    run("hex", 64),
    `{}${"0f3b9c5d7e1a2846".repeat(4)}`,
    "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
  ),
  prefixed(
    "Shopify token",
    ["shpat_", "shpca_", "shppa_", "shpss_"],
    run("anyHex", 32),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
  ),
  prefixed(
    "Square token",
    ["sq0atp-", "sq0csp-", "EAAA"],
    run("key", 22, 60),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9J",
    "https://developer.squareup.com/docs/build-basics/access-tokens",
  ),
  {
    name: "Telegram bot token",
    literals: [":AA"],
    before: run("digit", 8, 10),
    parts: [run("key", 33)],
    example: "7318429560{}Hk3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUz",
    source: "https://core.telegram.org/bots/features#botfather",
  },
  {
    name: "Discord bot token",
    literals: ["bot "],
    ignoresCase: true,
    parts: [
      run("alnum", 24, 28),
      { text: "." },
      run("key", 6),
      { text: "." },
      { ...run("key", 27, 40), isMixed: true },
    ],
    from: 0,
    example: "{}MTE4NzMwMjY0OTE3MzUwMjg0.Gk3Zt9.WmRv7YxLp0Hs4Nf9Jb2GcTqEaUz",
    source: "https://discord.com/developers/docs/reference#authentication",
  },
  prefixed(
    "Discord webhook",
    ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
    [run("digit", 17, 20), { text: "/" }, run("key", 60, 80)],
    `{}1187302649173502841/${"k3Zt9WmRv7YxLp0Hs4Nf".repeat(3)}Jb2GcTqE`,
    "https://discord.com/developers/docs/resources/webhook",
  ),
  named(
    "Datadog key",
    [
      ...["dd_api_key", "dd_app_key", "dd_application_key", "datadog_api_key", "datadog_app_key"],
      ...["dd-api-key", "dd-application-key"],
    ],
    run("hex", 32, 40),
    "{}=0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://docs.datadoghq.com/account_management/api-app-keys/",
  ),
  prefixed(
    "New Relic key",
    ["NRAK-", "NRII-", "NRRA-"],
    run("key", 27, 42),
    "{}K3ZT9WMRV7YXLP0HS4NF9JB2GCT",
    "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
  ),
  prefixed(
    "Grafana token",
    "glsa_",
    [run("alnum", 32), { text: "_" }, run("anyHex", 8)],
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUz_0f3b9c5d",
    "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
  ),
  prefixed(
    "Grafana Cloud token",
    "glc_eyJ",
    run("base64", 40, 400),
    `{}${"vIjoiMTE4NzMwMiIsIm4i".repeat(3)}`,
    "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/",
  ),
  prefixed(
    "Sentry token",
    ["sntrys_", "sntryu_"],
    run("token", 64, 300),
    `{}${"0f3b9c5d7e1a2846".repeat(4)}`,
    "https://docs.sentry.io/account/auth-tokens/",
  ),
  prefixed(
    "HashiCorp Vault token",
    ["hvs.", "hvb.", "hvr."],
    run("key", 24, 300),
    `{}CAESI${"k3Zt9WmRv7YxLp0Hs4Nf".repeat(5)}`,
    "https://developer.hashicorp.com/vault/docs/concepts/tokens",
  ),
  {
    name: "Terraform Cloud token",
    literals: [".atlasv1."],
    before: run("alnum", 14),
    parts: [run("key", 60, 70)],
    example: `k3Zt9WmRv7YxLp{}${"k3Zt9WmRv7YxLp0Hs4Nf".repeat(3)}Jb2GcTq`,
    source:
      "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
  },
  prefixed(
    "Databricks token",
    "dapi",
    run("hex", 32),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a18293",
    "https://docs.databricks.com/en/dev-tools/auth/pat.html",
  ),
  prefixed(
    "Linear API key",
    ["lin_api_", "lin_oauth_"],
    run("alnum", 40, 64),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3",
    "https://linear.app/developers/graphql",
  ),
  prefixed(
    "Notion token",
    "ntn_",
    run("alnum", 43, 50),
    "{}73184295601k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8",
    "https://developers.notion.com/reference/authentication",
  ),
  prefixed(
    "Figma token",
    ["figd_", "figdr_"],
    run("key", 38, 60),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3",
    "https://www.figma.com/developers/api#access-tokens",
  ),
  {
    name: "Airtable token",
    literals: ["pat"],
    parts: [run("alnum", 14), { text: "." }, run("hex", 64)],
    example: `{}k3Zt9WmRv7YxLp.${"0f3b9c5d7e1a2846".repeat(4)}`,
    source: "https://airtable.com/developers/web/guides/personal-access-tokens",
  },
  prefixed(
    "Atlassian API token",
    "ATATT3",
    run("token", 150, 300),
    `{}xFfGF0${"k3Zt9WmRv7YxLp0Hs4Nf".repeat(9)}=0F3B9C5D`,
    "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
  ),
  prefixed(
    "Postman API key",
    "PMAK-",
    [run("hex", 24), { text: "-" }, run("hex", 34)],
    "{}0f3b9c5d7e1a2846b0d9c3e5-0f3b9c5d7e1a2846b0d9c3e5f7a1829364",
    "https://learning.postman.com/docs/developer/postman-api/authentication/",
  ),
  prefixed(
    "Doppler token",
    ["dp.pt.", "dp.st.", "dp.sa.", "dp.ct.", "dp.scim.", "dp.audit."],
    run("dotted", 40, 80),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3Wm1",
    "https://docs.doppler.com/reference/auth-token-formats",
  ),
  prefixed(
    "Pulumi token",
    "pul-",
    run("hex", 40),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/",
  ),
  prefixed(
    "Supabase key",
    ["sbp_", "sb_secret_"],
    run("key", 31, 60),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://supabase.com/docs/guides/api/api-keys",
  ),
  prefixed(
    "PlanetScale token",
    ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"],
    run("dotted", 32, 80),
    "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUz",
    "https://planetscale.com/docs/concepts/service-tokens",
  ),
  prefixed(
    "Heroku API key",
    "HRKU-",
    run("key", 36, 70),
    "{}AA0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://devcenter.heroku.com/articles/authentication",
  ),
  prefixed(
    "Fly.io token",
    ["fm2_", "fo1_"],
    run("token", 40, 4000),
    `{}${"lJPECAAAAAAAk3Zt9WmR".repeat(4)}`,
    "https://fly.io/docs/security/tokens/",
  ),
  prefixed(
    "Tailscale key",
    ["tskey-auth-", "tskey-api-", "tskey-client-", "tskey-scim-", "tskey-webhook-"],
    [run("alnum", 10, 24), { text: "-" }, run("alnum", 20, 48)],
    "{}k3Zt9WmRv7CNTRL-YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3W",
    "https://tailscale.com/kb/1277/key-prefixes",
  ),
  prefixed(
    "CircleCI token",
    ["CCIPAT_", "CCIPRJ_"],
    [run("alnum", 20, 24), { text: "_" }, run("hex", 40)],
    "{}k3Zt9WmRv7YxLp0Hs4Nf9J_0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://circleci.com/docs/managing-api-tokens/",
  ),
  prefixed(
    "Buildkite token",
    ["bkua_", "bkaa_"],
    run("hex", 40),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://buildkite.com/docs/apis/managing-api-tokens",
  ),
  prefixed(
    "Sourcegraph token",
    "sgp_",
    run("word", 40, 80),
    "{}0f3b9c5d7e1a2846b0d9c3e5f7a1829364c0e8d2",
    "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
  ),
  named(
    "Cloudflare API token",
    ["cloudflare_api_token", "cf_api_token", "cloudflare_api_key", "cf_api_key"],
    run("key", 37, 40),
    "{}=k3Zt9WmRv7YxLp0Hs4Nf9Jb2GcTqEaUzDq8ZtKd3",
    "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/",
  ),
  {
    name: "bearer token",
    literals: ["bearer "],
    ignoresCase: true,
    parts: [{ ...run("token", 20, 8192), isMixed: true }],
    from: 0,
    example: "{}k3Zt9WmRv7YxLp0Hs4Nf9Jb2",
    source: "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
  },
  {
    name: "basic authentication",
    literals: ["authorization"],
    ignoresCase: true,
    parts: [between, { text: "basic " }, run("base64", 8, 1024)],
    from: 2,
    example: "{}: Basic YWRhOms1WnQ5V21Sdjc=",
    source: "https://www.rfc-editor.org/rfc/rfc7617",
  },
  {
    name: "password in a URL",
    literals: ["://"],
    before: run("key", 2, 30),
    parts: [run("user", 0, 128), { text: ":" }, { ...run("password", 2, 256), last: "@" }],
    from: 2,
    isOpen: true,
    example: "postgres{}ada:k3Zt9WmR@db.example:5432/shop",
    source: "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
  },
  {
    name: "secret in a variable",
    // After a `_` or `-` too, as in `DB_PASSWORD`. In `dbPassword`, nothing says where a word starts.
    literals: [
      ...["password", "passwd", "passphrase", "pgpassword", "secret", "token", "credentials"],
      ...["api_key", "api-key", "apikey", "access_key", "accesskey", "secret_key", "secretkey"],
      ...["private_key", "privatekey", "clientsecret", "accesstoken", "authtoken", "refreshtoken"],
    ],
    ignoresCase: true,
    parts: [
      { ...run("assigned", 1, 12), once: "=:" },
      { ...run("value", 8, 1024), isMixed: true, isNoCode: true },
    ],
    from: 1,
    example: "{}=k3Zt9WmRv7",
    source: "https://12factor.net/config",
  },
];

/**
 * Returns the example of a shape, whole.
 *
 * @param {Shape} shape
 */
export function exampleOf({ example, literals }) {
  return example.replace("{}", literals[0]);
}
