#!/bin/sh
# Checks the template without AWS: cfn-lint, `sam validate --lint`, and what the transform makes of it. Needs python3
# with venv, and PyPI the first time.
set -eu
cd "$(dirname "$0")/.."

environment=${CARGO_TARGET_DIR:-target}/infra-check
if ! cmp -s infra/requirements.txt "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r infra/requirements.txt
    cp infra/requirements.txt "$environment/requirements.txt"
fi

# Neither credentials nor a profile of the person's: nothing here asks AWS.
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-north-1 AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

"$environment/bin/cfn-lint" --include-checks W -- infra/template.yaml
"$environment/bin/sam" validate --lint --template infra/template.yaml
"$environment/bin/python" infra/translate.py
