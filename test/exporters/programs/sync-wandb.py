# Runs `wandb sync` on a folder against a stub of the W&B server that records what it is sent, and prints that as JSON.
# The stub answers what sync asks for: the viewer, the run (upsertBucket), and the file stream.
# Run: python sync-wandb.py FOLDER   (wandb 0.31)
import json, os, pathlib, shutil, subprocess, sys, tempfile, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sent = {"runs": [], "streams": [], "queries": []}


class Stub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, value, status=200):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer({})

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("content-encoding") == "gzip":
            import gzip
            body = gzip.decompress(body)
        request = json.loads(body or b"{}")
        if "file_stream" in self.path:
            sent["streams"].append(request)
            return self.answer({})
        query, variables = request.get("query", ""), request.get("variables", {})
        sent["queries"].append(query.strip().split("(")[0].split("{")[0].strip())
        if "upsertBucket" in query:
            sent["runs"].append(variables)
            bucket = {"id": "stored", "name": variables.get("name"), "displayName": variables.get("displayName"), "description": None,
                      "config": None, "sweepName": None, "historyLineCount": 0,
                      "project": {"id": "p", "name": variables.get("project"), "entity": {"id": "e", "name": "stub"}}}
            return self.answer({"data": {"upsertBucket": {"bucket": bucket, "inserted": True}}})
        if "viewer" in query:
            return self.answer({"data": {"viewer": {"id": "v", "entity": "stub", "username": "stub", "flags": "{}", "teams": {"edges": []}}}})
        if "serverInfo" in query:
            return self.answer({"data": {"serverInfo": {"features": [], "cliVersionInfo": {}, "latestLocalVersionInfo": None}}})
        if "createRunFiles" in query:
            files = [{"name": name, "uploadUrl": f"http://127.0.0.1:{port}/put/{name}"} for name in variables.get("files", [])]
            return self.answer({"data": {"createRunFiles": {"runID": "stored", "uploadHeaders": [], "files": files}}})
        return self.answer({"data": {}})


server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = tempfile.mkdtemp()
environment = {**os.environ, "WANDB_BASE_URL": f"http://127.0.0.1:{port}", "WANDB_API_KEY": "0" * 40, "WANDB_ERROR_REPORTING": "false",
               "HOME": settings, "WANDB_CONFIG_DIR": settings, "WANDB_CACHE_DIR": settings, "WANDB_DATA_DIR": settings}
done = subprocess.run([sys.executable, "-m", "wandb", "sync", sys.argv[1]], env=environment, capture_output=True, text=True, timeout=240, cwd=settings)
shutil.rmtree(settings, ignore_errors=True)
rows, summary, exits = [], None, []
for stream in sent["streams"]:
    for name, chunk in (stream.get("files") or {}).items():
        if name == "wandb-history.jsonl":
            rows += [[chunk["offset"] + i, json.loads(line)] for i, line in enumerate(chunk["content"])]
        if name == "wandb-summary.json":
            summary = json.loads(chunk["content"][-1])
    if stream.get("complete") is not None or "exitcode" in stream:
        exits.append([stream.get("complete"), stream.get("exitcode")])
print(json.dumps({"code": done.returncode, "output": done.stdout + done.stderr, "runs": sent["runs"], "rows": rows, "summary": summary,
                  "exits": exits, "queries": sent["queries"]}))
