"""Sends each line of standard input to a JetStream stream: publish.py URL [SUBJECT].

Ends with status 1 at a line that NATS refuses, because a line that is left out is lost.
"""

import asyncio
import hashlib
import sys

import nats

# Bytes of the message id, which max_payload counts too.
HEADER = len("NATS/1.0\r\nNats-Msg-Id: \r\n\r\n") + 64


async def main(url, subject="skill-log.entries"):
    client = await nats.connect(url)
    stream = client.jetstream()
    loop = asyncio.get_running_loop()
    sent = 0
    try:
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            line = line.rstrip(b"\n")
            if len(line) + HEADER > client.max_payload:
                most = client.max_payload - HEADER
                sys.exit(f"line {sent + 1} has {len(line)} bytes; the most is {most} (max_payload)")
            headers = {"Nats-Msg-Id": hashlib.sha256(line).hexdigest()}
            await stream.publish(subject, line, headers=headers)
            sent += 1
    finally:
        await client.close()
    print(f"{sent} lines sent", file=sys.stderr)


asyncio.run(main(*sys.argv[1:]))
