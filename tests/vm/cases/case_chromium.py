#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-case: limit=120 by-name
"""Chromium as a reader of an exposed node: a page asks for a camera, and what it
draws has the right mark. Starting it takes an emulated processor longer than most
other cases together, so it runs only if it is named, where it is installed:

    apt install chromium
    tests/vm/run_vm.py cases chromium"""

import http.server
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1])]
import case_nodes  # noqa: E402
import vmlab  # noqa: E402

WIDTH_PX, HEIGHT_PX = case_nodes.WIDTH_PX, case_nodes.HEIGHT_PX
N_PICTURES = 3
N_BYTES = WIDTH_PX * HEIGHT_PX * 4
PAGE = f"""<!doctype html><video id=video autoplay muted playsinline></video>
<script>
const say = (path, body) => fetch(path, {{method: 'POST', body: body}});
(async () => {{
  try {{
    const stream = await navigator.mediaDevices.getUserMedia({{video: {{
      width: {WIDTH_PX}, height: {HEIGHT_PX}}}}});
    await say('/label', stream.getVideoTracks()[0].label);
    const video = document.getElementById('video');
    video.srcObject = stream;
    const canvas = new OffscreenCanvas({WIDTH_PX}, {HEIGHT_PX});
    const context = canvas.getContext('2d', {{willReadFrequently: true}});
    const draw = async () => {{
      context.drawImage(video, 0, 0);
      await say('/picture', context.getImageData(0, 0, {WIDTH_PX},
                                                 {HEIGHT_PX}).data);
      video.requestVideoFrameCallback(draw);
    }};
    video.requestVideoFrameCallback(draw);
  }} catch (error) {{ await say('/error', String(error)); }}
}})();
</script>""".encode()
LINE = ['chromium', '--headless', '--no-sandbox', '--no-zygote',
        '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions',
        '--disable-background-networking', '--disable-component-update',
        '--no-first-run', '--mute-audio', '--use-fake-ui-for-media-stream']


class Site:
    """A page, and what it has to say: (path, body)."""

    def __init__(self):
        said = self.said = queue.SimpleQueue()

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request."""

            def answer(self, body):
                """The page, or nothing."""
                self.send_response(200)
                self.send_header('Content-Type', 'text/html')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer(PAGE if self.path == '/' else b'')

            def do_POST(self):
                n_bytes = int(self.headers['Content-Length'])
                said.put((self.path, self.rfile.read(n_bytes)))
                self.answer(b'')

            def log_message(self, *_):
                """Nobody reads it."""

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hear(self, path):
        """What the page says next, which has to be of that kind."""
        what, body = self.said.get(timeout=4 * vmlab.PIPELINE_TIMEOUT_S)
        if what != path:
            raise AssertionError((what, body[:500]))
        return body


class ChromiumTest(vmlab.VmTest):
    """One page, one node."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='foyer-chromium-'))
        # Its processes may still write there while it ends.
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def read_mark(self, picture):
        """Camera numbers that the picture says."""
        path = self.folder / 'picture'
        path.write_bytes(picture)
        said = vmlab.run(
            'gst-launch-1.0', '-m', 'filesrc', f'location={path}',
            f'blocksize={N_BYTES}', '!', 'rawvideoparse', 'format=rgba',
            f'width={WIDTH_PX}', f'height={HEIGHT_PX}', '!', 'videoconvert',
            '!', 'foyermarkread', '!', 'fakesink',
            timeout_s=vmlab.PIPELINE_TIMEOUT_S).stdout
        return [camera for camera, _ in vmlab.read_marks(said)]

    def test_page(self):
        vmlab.insert_loopback(*case_nodes.LOOPBACK)
        house = case_nodes.Nodes()
        self.addCleanup(house.stop)
        house.start()
        house.wait_closed()
        house.expose()
        label = house.wait_idle()['Label']
        site = Site()
        self.addCleanup(site.server.shutdown)
        browser = subprocess.Popen(
            [*LINE, f'--user-data-dir={self.folder}',
             f'http://localhost:{site.server.server_port}/'],
            stdout=sys.stderr, stderr=sys.stderr)
        self.addCleanup(browser.wait)
        self.addCleanup(browser.kill)
        self.assertEqual(site.hear('/label').decode(), label)
        found = []
        # The first ones are the slate, until the camera is open.
        while len(found) < N_PICTURES:
            found += self.read_mark(site.hear('/picture'))
        self.assertEqual(set(found), {case_nodes.CAMERA})


if __name__ == '__main__':
    vmlab.main()
