internal import NIOSSL
internal import NIOHTTP1
