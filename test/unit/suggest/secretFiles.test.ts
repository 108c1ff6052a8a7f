import assert from "node:assert/strict";
import { isSecretFile } from "../../../src/suggest/secretFiles.js";

const SECRET = [
  ".env .env.local .env.production prod.env .envrc .Renviron .dev.vars .dev.vars.staging",
  "id_rsa id_dsa id_ecdsa id_ed25519 id_ed25519.pub id_ecdsa_sk deploy_rsa github_ed25519 ssh_host_rsa_key",
  "server.key cert.pem a.PEM AuthKey_1.p8 cert.p12 cert.pfx app.snk store.jks debug.keystore krb5.keytab vault.kdbx putty.ppk",
  "backup.gpg keys.age pw.psafe3 login.keychain office.ovpn private.asc secring.asc otr.private_key wallet.dat",
  ".netrc _netrc .npmrc .pypirc .pgpass .htpasswd .git-credentials .s3cfg .boto .dockercfg .my.cnf .edgerc .databrickscfg",
  ".msmtprc .tugboat .vault-token rclone.conf .ftpconfig sftp-config.json .remote-sync.json recentservers.xml filezilla.xml logins.json",
  "shadow passwd kubeconfig prod.kubeconfig",
  "credentials credentials.json .credentials credentials.xml credentials.yml.enc secrets.yaml secret.txt secrets.toml .secrets",
  "client_secret.json client_secrets.json client_secret_123.apps.json service-account-prod.json serviceAccountKey.json google-services.json",
  "application_default_credentials.json accessTokens.json token.json token.pickle auth.json secret_token.rb passwords.txt vault.yml",
  "terraform.tfstate terraform.tfstate.backup prod.tfvars prod.auto.tfvars.json wp-config.php local.settings.json site.pubxml a.publishsettings",
  ".bash_history .zsh_history .psql_history .node_repl_history",
]
  .join(" ")
  .split(" ");

const HARMLESS = [
  ".env.example .env.sample .env.template .env.dist .environment env.py environment.ts dotenv.ts",
  "id_rsa_parser.py rsa.py keys.ts key.ts keyboard.key.ts public.crt ca.cer guide.asc monkey.js turkey.rb",
  "npmrc.md netrc.py passwd.c shadow.css shadow.ts kube.go",
  "credentials.ts credentials.py secrets.py secret_santa.py secrets.example.yaml secrets_manager.go credentialsProvider.java",
  "tokenizer.json tokens.json token.ts auth.ts auth.py design-tokens.json oauth.json",
  "variables.tf main.tf terraform.tfvars.example wp-config-sample.php package.json settings.json tsconfig.json config.yml",
  "history.ts .history.md vault.go vault.test.ts service-account.md passwords.ts",
]
  .join(" ")
  .split(" ");

const SECRET_PATHS = ["/home/a/.ssh/config", "/home/a/.aws/config", "/home/a/.kube/config", "/home/a/.docker/config.json", "/a/.azure/x.json"];
const MORE_SECRET_PATHS = ["/home/a/.config/gcloud/x.json", "/home/a/.config/gh/hosts.yml", "/home/a/.m2/settings.xml", "/a/.cargo/credentials.toml"];
const HARMLESS_PATHS = ["/a/docker/config.json", "/a/ssh/client.ts", "/a/.cargo/config.toml", "/a/.config/app/settings.json", "/a/.environs/x.py"];

describe("a file that may hold secrets", () => {
  it("is told by its name", () => {
    assert.deepEqual(
      SECRET.filter((name) => !isSecretFile(`/a/${name}`)),
      [],
    );
  });

  it("is none of those that only sound like one, and no sample of one", () => {
    assert.deepEqual(
      HARMLESS.filter((name) => isSecretFile(`/a/${name}`)),
      [],
    );
  });

  it("is told by its folder", () => {
    const paths = [...SECRET_PATHS, ...MORE_SECRET_PATHS, ...HARMLESS_PATHS];
    assert.deepEqual(paths.filter(isSecretFile), [...SECRET_PATHS, ...MORE_SECRET_PATHS]);
  });
});
