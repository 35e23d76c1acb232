#!/usr/bin/env bash
# Plays a day of two devices and a server of their own, from a fresh clone: notes taken with no network, linking, edits
# made apart while the server is down, and one state on both afterwards. The notes are those of
# Samples/one-internet-day.jsonl.
#
# All of it happens in a temporary folder and on 127.0.0.1; nothing is left behind. The exit status is 0 only if both
# devices hold the same in the end and nothing that was typed is missing.
#
#     Scripts/demo.sh                            builds the commands first (as `make build` does)
#     WEBINAR_BIN=.build/debug Scripts/demo.sh   takes the commands from a folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -z "${WEBINAR_BIN:-}" ]; then
    Scripts/install-packages.sh
    echo "Building the two commands. The first time this takes some minutes."
    make build
    WEBINAR_BIN=.build/release
fi
bin=$(cd "$WEBINAR_BIN" && pwd)
sample=$PWD/Samples/one-internet-day.jsonl

# What the person who runs this has set must not lead the demo to their own notes.
unset WEBINAR_HOME WEBINAR_SERVER_DATA WEBINAR_SERVER_LISTEN WEBINAR_SERVER_PUBLIC WEBINAR_SERVER_LOG_LEVEL
unset VISUAL EDITOR
export LC_ALL=C.UTF-8

work=$(mktemp -d "${TMPDIR:-/tmp}/webinar-demo.XXXXXX")
server_pid=

finish() {
    local status=$?
    trap - EXIT
    stop_server || true
    rm -rf "$work"
    if [ "$status" -ne 0 ]; then
        echo >&2
        echo "The demo failed (exit status $status)." >&2
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

step_count=0

# step TITLE: the next part of the story; what it means comes on standard input.
step() {
    step_count=$((step_count + 1))
    echo
    echo "$bold--- $step_count. $1$plain"
    sed 's/^/    /'
    echo
}

# prompt WHO COMMAND...: prints a command as it would be typed.
prompt() {
    local line="$1\$" word
    shift
    for word in "$@"; do
        case $word in
        "$sample") word=one-internet-day.jsonl ;;
        WEBINAR:*) word="WEBINAR:..." ;;
        "|" | ">") ;;
        *[!-A-Za-z0-9_./:=@]*) word="\"$word\"" ;;
        esac
        line+=" $word"
    done
    echo "$bold$line$plain"
}

# device NAME ARGUMENT...: runs `webinar` as that device.
device() {
    local name=$1
    shift
    WEBINAR_HOME=$work/$name "$bin/webinar" "$@"
}

# phone ARGUMENT..., laptop ARGUMENT...: the same, shown.
phone() {
    prompt phone webinar "$@"
    device phone "$@"
}

laptop() {
    prompt laptop webinar "$@"
    device laptop "$@"
}

# start_server HOST:PORT: runs until it takes connections, and sets server_address.
start_server() {
    rm -f "$work/address"
    prompt server webinar-server serve --listen "$1"
    "$bin/webinar-server" serve --data "$work/server" --listen "$1" --ready-file "$work/address" \
        >"$work/server.out" 2>"$work/server.log" &
    server_pid=$!
    local waited=0
    until [ -s "$work/address" ]; do
        if ! kill -0 "$server_pid" 2>/dev/null || [ "$waited" -ge 300 ]; then
            echo "The server did not start:" >&2
            cat "$work/server.out" "$work/server.log" >&2
            exit 1
        fi
        waited=$((waited + 1))
        sleep 0.1
    done
    server_address=$(<"$work/address")
}

stop_server() {
    [ -n "$server_pid" ] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    wait "$server_pid" || true
    server_pid=
}

# expect STATUS COMMAND...: runs it and wants that exit status.
expect() {
    local wanted=$1 status=0
    shift
    "$@" || status=$?
    if [ "$status" -ne "$wanted" ]; then
        echo "Exit status $status, but $wanted was expected." >&2
        exit 1
    fi
}

# holds TEXT...: that each of these stands in what both devices hold.
holds() {
    local text name
    for text in "$@"; do
        for name in phone laptop; do
            if ! grep -qF -- "$text" "$work/$name.jsonl" "$work/$name.conflicts"; then
                echo "Missing on the $name: $text" >&2
                exit 1
            fi
        done
    done
}

cat <<'END'
Two devices of one person and a server of their own. Nothing here leaves this
machine, and all of it happens in a temporary folder that goes at the end.
END

step "In traffic: no server, no account, no network" <<'END'
A phone follows "Social Media Trends in China", a talk of One Internet Day.
The session, its twelve highlights and the notes of that hour come from a
sample file; two more notes are typed now. Each is on disk when the prompt
returns.
END
phone import --jsonl "$sample"
phone session use "Social Media Trends in China"
phone note add "The 3G connection did not fail!" --at 30:40
phone note add "创建群组，赞助活动，可以扩大人脉。" --at 31:02 --lang zh-Hans
echo
phone log

step "At home: a server of one's own" <<'END'
The first start makes a folder with the server's own key and certificate.
There is no certificate authority, no e-mail address and no password: a
device learns the key's fingerprint (its pin) from the link, and speaks to
nobody who cannot prove that key.
END
start_server 127.0.0.1:0
sed "s|$work|...|" "$work/server.out"

step "Linking two devices" <<'END'
A link is good once and for ten minutes. Its secret is never sent, only
proven inside the TLS connection.
END
for name in phone laptop; do
    prompt server webinar-server link
    link=$("$bin/webinar-server" link --data "$work/server" --link-only)
    echo "${link:0:60}..."
    "$name" device link "$link" --name "$name"
    "$name" sync
    echo
done
laptop session use "Social Media Trends in China"

step "The server goes down" <<'END'
That is an ordinary state, not an error: nothing waits for the server but
sync itself, which says so and ends with exit status 75.
END
stop_server
echo "(server stopped)"
expect 75 phone sync

step "Apart: both devices edit the same things" <<'END'
The same note and the same highlight are edited on both, in different words.
Each device sets tags of its own. The phone deletes a note that the laptop
goes on writing.
END
phone note edit k7qf "Joined late, from the car. 3G holds, for once."
laptop note edit k7qf "Joined from the car. 3G holds, the whole hour."
echo
phone highlight edit m2xw "WeChat (微信) has a web version, too"
laptop highlight edit m2xw "WeChat has a web version, too: wx.qq.com"
echo
phone tag add 微信 m2xw
laptop tag add "try this" m2xw
laptop tag rm wechat m2xw
echo
phone note rm h9ye
laptop note edit h9ye "No doctor yet, so I hear it to the end. Ask for slides."

step "The server comes back" <<'END'
Each device sends what it has and gets what it lacks, in one exchange. The
phone, which went first, asks once more for what the laptop wrote.
END
start_server "$server_address"
phone sync
laptop sync
phone sync

step "The same on both" <<'END'
The words of both sides are in the note and in the highlight. The tags of
both sides are there. The note that one side deleted and the other edited is
back, because an edit counts for more than a delete.
END
for name in phone laptop; do
    prompt "$name" webinar log "|" grep -E "k7qf|m2xw|h9ye"
    device "$name" log | grep -E "k7qf|m2xw|h9ye"
    prompt "$name" webinar highlight show m2xw "|" grep tags
    device "$name" highlight show m2xw | grep tags
    echo
done

step "Nothing is decided over your head" <<'END'
Where both wrote in the same sentence, or one deleted what the other edited,
both versions are kept until somebody looks at them.
END
laptop conflict list
for id in m2xw h9ye; do
    if device laptop conflict list | grep -q "^$id"; then
        echo
        laptop conflict show "$id"
    fi
done
echo
laptop conflict resolve h9ye --keep
laptop sync
phone sync

step "Is it really the same?" <<'END'
`export --jsonl` writes everything a device holds. The two files must be
equal, byte for byte.
END
for name in phone laptop; do
    prompt "$name" webinar export --jsonl ">" "$name.jsonl"
    device "$name" export --jsonl >"$work/$name.jsonl"
    device "$name" conflict list --json >"$work/$name.conflicts"
done
prompt "" cmp phone.jsonl laptop.jsonl
cmp "$work/phone.jsonl" "$work/laptop.jsonl"
(cd "$work" && sha256sum phone.jsonl laptop.jsonl)
holds "Joined late, from" "the whole hour" "(微信)" "wx.qq.com" "Ask for slides." '"微信"' '"try this"' \
    "创建群组，赞助活动，可以扩大人脉。" "The 3G connection did not fail!"

echo
echo "Equal: $(wc -l <"$work/phone.jsonl") records, and every word that was typed is there."
echo "Stopping the server and removing the temporary folder."
