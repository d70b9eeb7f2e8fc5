//! A local stack as a person starts it, and what a client does with it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use regain_crypto::{Argon2Parameters, Argon2id, SystemRandom};
use regain_domain::Password;
use regain_domain::port::PasswordHasher as _;
use regain_dynamodb::kind::ItemKind;
use regain_dynamodb::schema::KEY;
use regain_dynamodb::stream::{PENDING, SENDING};
use regain_harness::Error;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::programs;
use crate::report::now;

/// How long anything may take before a measurement gives up. Not a measure of anything.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Everybody's password at first.
pub(crate) const PASSWORD: &str = "an old and well known secret";

/// Builds the local stack with a profile; its program.
pub(crate) fn build(profile: &str) -> Result<PathBuf, Error> {
    Ok(programs::build(&["regain".to_owned()], profile)?.join("regain"))
}

/// A running stack, which ends with this value.
pub(crate) struct Local {
    api: String,
    inbox: String,
    dynamodb: String,
    http: reqwest::Client,
    /// From the start of the program until it said that it is ready, in milliseconds.
    pub(crate) ready_after: f64,
    directory: PathBuf,
    _child: Child,
}

/// How a stack is started.
pub(crate) struct Plan<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// Email addresses of accounts beside the demonstration's.
    pub(crate) accounts: Vec<String>,
    /// Processes of each function.
    pub(crate) instances: u16,
    /// Settings of the functions.
    pub(crate) settings: &'a [(&'a str, &'a str)],
    /// The cost of a hash, in KiB of memory.
    pub(crate) hash_kib: u32,
}

impl Local {
    /// Starts a stack and waits until it is ready.
    pub(crate) async fn start(plan: Plan<'_>) -> Result<Self, Error> {
        let directory =
            std::env::temp_dir().join(format!("regain-bench-{}-{}", std::process::id(), plan.hash_kib));
        std::fs::create_dir_all(&directory)?;
        let (accounts, ready) = (directory.join("accounts.jsonl"), directory.join("ready.json"));
        let mut file = std::io::BufWriter::new(std::fs::File::create(&accounts)?);
        // The hash is the same for all, so that thousands of accounts don't take thousands of hashes.
        let parameters = Argon2Parameters { memory_kib: plan.hash_kib, iterations: 1 };
        let hash = Argon2id::new(parameters, SystemRandom)?.hash(&Password::new(PASSWORD))?;
        for email in &plan.accounts {
            writeln!(file, "{}", json!({ "email": email, "password_hash": hash.as_phc() }))?;
        }
        file.flush()?;
        let began = now();
        let mut child = Command::new(plan.program)
            .args(["--api", "127.0.0.1:0", "--notifications", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"])
            .arg("--accounts")
            .arg(&accounts)
            .arg("--ready-file")
            .arg(&ready)
            .args(["--exit-with-stdin", "--instances", &plan.instances.to_string()])
            .env("REGAIN_ARGON2_MEMORY_KIB", plan.hash_kib.to_string())
            // It is killed in the end, and what it leaves then goes with this.
            .env("TMPDIR", &directory)
            .envs(plan.settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(directory.join("log"))?)
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let ready_line = async {
            while let Some(line) = lines.next_line().await? {
                if line.contains("Press Ctrl-C") {
                    return Ok(());
                }
            }
            Err(Error::from("the stack ended"))
        };
        if let Err(error) = tokio::time::timeout(TIMEOUT, ready_line).await.map_err(Error::from).flatten() {
            let log = std::fs::read_to_string(directory.join("log"))?;
            return Err(format!("the stack does not get ready: {error}: {log}").into());
        }
        let ready_after = began.elapsed().as_secs_f64() * 1e3;
        let urls: Value = serde_json::from_slice(&std::fs::read(&ready)?)?;
        let url = |name: &str| urls[name].as_str().unwrap_or_default().to_owned();
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self {
            api: url("api"),
            inbox: url("notifications"),
            dynamodb: url("dynamodb"),
            http,
            ready_after,
            directory,
            _child: child,
        })
    }

    /// Posts to the API: status, body.
    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Result<(u16, Value), Error> {
        let mut request = self.http.post(format!("{}{path}", self.api)).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
    }

    /// The same; an answer of another status is an error.
    pub(crate) async fn expect(
        &self,
        status: u16,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Value, Error> {
        let (answered, body) = self.post(path, token, body).await?;
        if answered == status { Ok(body) } else { Err(format!("{path}: {answered} {body}").into()) }
    }

    /// Asks for a code; the answer.
    pub(crate) async fn ask(&self, who: &str) -> Result<Value, Error> {
        self.expect(202, "/v1/challenges", "", &json!({ "identifier": who })).await
    }

    /// Waits for the code with a reference.
    pub(crate) async fn code(&self, to: &str, reference: &str) -> Result<String, Error> {
        let mut after = String::new();
        loop {
            let url = format!("{}/messages?to={to}&wait=30{after}", self.inbox);
            let answer: Value = self.http.get(url).send().await?.json().await?;
            let messages = answer["messages"].as_array().cloned().unwrap_or_default();
            if let Some(found) = messages.iter().find(|message| message["reference"] == reference) {
                return Ok(text(found, "code")?);
            }
            let newest = messages.first().ok_or("the message does not come")?;
            after = format!("&after={}", text(newest, "id")?);
        }
    }

    /// Waits until nothing of a challenge is left to deliver.
    pub(crate) async fn drained(&self, challenge: &str) -> Result<(), Error> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-amz-json-1.0".parse()?);
        headers.insert("x-amz-target", "DynamoDB_20120810.GetItem".parse()?);
        headers.insert("x-amz-date", "20260101T000000Z".parse()?);
        let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-north-1/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
        headers.insert("authorization", signature.parse()?);
        let key = json!({ KEY: { "S": ItemKind::Challenge.key(challenge) } });
        let body = json!({ "TableName": "regain", "Key": key, "ConsistentRead": true }).to_string();
        let drained = async {
            loop {
                let request = self.http.post(&self.dynamodb).headers(headers.clone()).body(body.clone());
                let answer: Value = request.send().await?.json().await?;
                let item = answer["Item"].as_object().ok_or_else(|| format!("no challenge: {answer}"))?;
                if !item.contains_key(PENDING) && !item.contains_key(SENDING) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let gave_up = |_| Error::from(format!("the challenge {challenge} is not delivered"));
        tokio::time::timeout(TIMEOUT, drained).await.map_err(gave_up).flatten()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // Left behind, it is a directory among temporary files.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A text member.
pub(crate) fn text(body: &Value, name: &str) -> Result<String, String> {
    Ok(body[name].as_str().ok_or_else(|| format!("no {name} in {body}"))?.to_owned())
}
