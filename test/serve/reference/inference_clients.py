"""Records what Triton's and KServe's Python clients send and how they read our responses: inference-clients.json.

    pip install 'tritonclient[http]==2.73.0' kserve==0.21.0
    veracity serve --port 8000            # any model with two classes; its name is the second argument
    python inference_clients.py http://127.0.0.1:8000 linear > inference-clients.json

Each call goes through a proxy that keeps the bytes of the request and of the response. `read` is what the client made of
the response. The texts are invented.
"""
import asyncio
import base64
import http.client
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

TARGET, MODEL = urlsplit(sys.argv[1]), sys.argv[2]
KEPT = ("content-type", "content-encoding", "inference-header-content-length")
last = {}


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection(TARGET.hostname, TARGET.port)
        connection.request(self.command, self.path, body, dict(self.headers))
        response = connection.getresponse()
        answer = response.read()
        pick = lambda headers: {name: headers[name] for name in KEPT if headers.get(name) is not None}
        last.clear()
        last.update(
            method=self.command,
            path=self.path.replace(f"/{MODEL}", "/compact"),
            headers=pick(self.headers),
            body=base64.b64encode(body).decode(),
            answer={"status": response.status, "headers": pick(response.headers), "body": base64.b64encode(answer).decode()},
        )
        self.send_response(response.status)
        for name, value in response.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = forward

    def log_message(self, *_):
        pass


def plain(array):
    return [value.decode() if isinstance(value, bytes) else value for value in array.flatten().tolist()]


TEXT = "The ferry sailed again on Tuesday, the harbour office said."
FERRY = "Fähre fährt wieder, 渡し船"


def triton_inputs(module, binary, title_binary):
    inputs = []
    for name, values, is_binary in (("text", [TEXT, "Moon sold!"], binary), ("title", [FERRY, "Moon!"], title_binary)):
        tensor = module.InferInput(name, [2], "BYTES")
        tensor.set_data_from_numpy(np.array(values, dtype=object), binary_data=is_binary)
        inputs.append(tensor)
    return inputs


def read_triton(result):
    return {output["name"]: plain(result.as_numpy(output["name"])) for output in result.get_response()["outputs"]}


def record_triton(address):
    client = triton.InferenceServerClient(address)
    output = triton.InferRequestedOutput
    calls = {
        "its defaults": lambda: client.infer(MODEL, triton_inputs(triton, True, True)),
        "JSON in, its default out": lambda: client.infer(MODEL, triton_inputs(triton, False, False)),
        "JSON in and out": lambda: client.infer(MODEL, triton_inputs(triton, False, False), outputs=[output("label", binary_data=False)]),
        "text binary, title JSON": lambda: client.infer(MODEL, triton_inputs(triton, True, False), request_id="q-7"),
        "title binary, text JSON": lambda: client.infer(MODEL, triton_inputs(triton, False, True), outputs=[output("label")]),
        "outputs of both kinds": lambda: client.infer(
            MODEL,
            triton_inputs(triton, True, True),
            outputs=[output("abstained"), output("label", binary_data=False), output("probabilities")],
        ),
        "a classification": lambda: client.infer(MODEL, triton_inputs(triton, True, True), outputs=[output("probabilities", class_count=1)]),
        "gzip": lambda: client.infer(MODEL, triton_inputs(triton, True, True), request_compression_algorithm="gzip"),
        "deflate": lambda: client.infer(MODEL, triton_inputs(triton, True, True), request_compression_algorithm="deflate"),
        "a version, priority and timeout": lambda: client.infer(MODEL, triton_inputs(triton, True, True), model_version="1", priority=1, timeout=1000),
    }
    for name, call in calls.items():
        read = read_triton(call())
        yield {"client": "tritonclient", "name": name, **last, "read": read}

    async def infer_aio():
        async with triton_aio.InferenceServerClient(address) as aio:
            return await aio.infer(MODEL, triton_inputs(triton_aio, True, True))

    read = read_triton(asyncio.run(infer_aio()))
    yield {"client": "tritonclient", "name": "its asynchronous client", **last, "read": read}


def record_kserve(address):
    def tensor(name, value, binary):
        made = InferInput(name, [1], "BYTES")
        made.set_data_from_numpy(np.array([value], dtype=object), binary_data=binary)
        return made

    requests = {
        "binary in": InferRequest(MODEL, [tensor("text", TEXT, True)], request_id="k1"),
        "JSON in": InferRequest(MODEL, [tensor("text", TEXT, False)], request_id="k2"),
        "binary in and out": InferRequest(MODEL, [tensor("text", TEXT, True)], request_id="k3", parameters={"binary_data_output": True}),
        "both kinds in and out": InferRequest(
            MODEL,
            [tensor("text", TEXT, True), tensor("title", FERRY, False)],
            request_id="k4",
            request_outputs=[RequestedOutput("label", {"binary_data": True}), RequestedOutput("probabilities", {"binary_data": False})],
        ),
        "nulls for what is optional": {
            "id": None,
            "parameters": None,
            "inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "parameters": None, "data": [TEXT]}],
            "outputs": None,
        },
    }
    for name, request in requests.items():
        result = asyncio.run(InferenceRESTClient(RESTConfig(protocol="v2")).infer(f"http://{address}", request, model_name=MODEL))
        read = {output.name: plain(output.as_numpy()) for output in result.outputs}
        yield {"client": "kserve", "name": name, **last, "read": read}


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"127.0.0.1:{server.server_port}"
print(json.dumps([*record_triton(address), *record_kserve(address)], indent=1, ensure_ascii=False))
