/**
 * Names of files that hold secrets, without their folders, in lower case.
 *
 * Sources: what gitleaks and gitrob look for by name, and what GitHub's gitignore templates leave out as secret.
 */
const NAMES = [
  // values for the environment
  /^\.env(rc|\..*)?$|^\.renviron$|^\.dev\.vars(\..*)?$|\.env$/,
  // keys and key stores
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?(\.pub)?$|^[\w.-]+_(rsa|dsa|ecdsa|ed25519)$|^ssh_host_\w+_key$/,
  /\.(pem|key|p8|p12|pkcs12|pfx|snk|jks|keystore|bks|keytab|kdbx?|ppk|gpg|pgp|age|psafe3)$/,
  /\.(agilekeychain|keychain(-db)?|kwallet|ovpn|tblk|bek|fve|tpm)$/,
  /^(sec(ret|ring)?|private)[\w.-]*\.asc$|^otr\.private_key$|^wallet\.dat$/,
  // what programs log in with
  /^[._](netrc|npmrc|pypirc|pgpass|htpasswd|git-credentials|s3cfg|boto|dockercfg|dockerconfigjson|edgerc|databrickscfg|smbcredentials)$/,
  /^(_netrc|pgpass\.conf|\.my\.cnf|\.mylogin\.cnf|\.msmtprc|\.esmtprc|\.fetchmailrc|\.tugboat|\.vault[-_](token|pass(word)?)|rclone\.conf)$/,
  /^\.?(ftpconfig|remote-sync\.json|sftp-config\.json|sftp\.json)$|^(recentservers|filezilla|webservers)\.xml$|^(logins\.json|key[34]\.db)$/,
  /^(shadow|proftpdpasswd|passwd)$|^kubeconfig$|\.kubeconfig$/,
  // secrets by their own name
  /^\.?(credentials?|secrets?)(\.(json|ya?ml|toml|ini|txt|env|xml|properties|enc|cfg|conf|csv))*$/,
  /^(client_secrets?|service[-_]?account|application_default_credentials|accesstokens|azureprofile|google-services)[\w.-]*\.json$/,
  /^(token|auth)\.(json|pickle)$|^msal_token_cache|^googleservice-info\.plist$|^secret_token\.rb$/,
  /^(passwords?|vault[-_]pass(word)?)(\.txt)?$|^vault\.ya?ml$/,
  // what deploys
  /\.tfstate(\..*)?$|\.tfvars(\.json)?$|^wp-config\.php$|^localsettings\.php$|^local\.settings\.json$|\.(publishsettings|azurepubxml|pubxml)$/,
  // what was typed into a shell
  /^\.[\w-]*_history$|^\.lesshst$/,
];
/** Folders that hold nothing else. */
const FOLDERS =
  /\/\.(ssh|aws|gnupg|kube|docker|azure|oci|password-store)\/|\/\.config\/(gcloud|gh|hub)(\/|$)|\/\.(m2\/settings|purple\/accounts)\.xml$/;
const FOLDER_FILES = /\/\.(gem|cargo|gradle)\/(credentials|gradle\.properties)/;
/** What shows how such a file looks. */
const SAMPLE = /[._-](example|sample|template|tmpl|dist|defaults?|schema)(\.\w+)?$/;

/** Whether a file looks as if it held secrets. @param path with forward slashes */
export function isSecretFile(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf("/") + 1);
  if (FOLDERS.test(lower) || FOLDER_FILES.test(lower)) return true;
  return !SAMPLE.test(name) && NAMES.some((pattern) => pattern.test(name));
}
