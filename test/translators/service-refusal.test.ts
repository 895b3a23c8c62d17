import { expect, test } from 'vitest';
import { serviceRefusal } from '../../src/translators/service-refusal.ts';
import { OTHER_LINES, OUT_OF_MEMORY_LINES } from '../fixtures/out-of-memory.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

const PAGE = 'ch1/003.png';
const refusal = (message: string, { page = PAGE, hasAnswered = false } = {}) =>
  serviceRefusal(message, page, { hasAnswered });

const GEMINI = (quota: string, rest = '') =>
  `google.genai.errors.ClientError: 429 RESOURCE_EXHAUSTED. {'error': {'code': 429, 'message': 'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 15\\nPlease retry in 47.174066935s.', 'status': 'RESOURCE_EXHAUSTED', 'details': [{'@type': 'type.googleapis.com/google.rpc.QuotaFailure', 'violations': [{'quotaId': '${quota}'}${rest}]}, {'@type': 'type.googleapis.com/google.rpc.RetryInfo', 'retryDelay': '47s'}]}}`;

/** As services and their libraries say it, with the seconds that they ask for. */
const BUSY: readonly (readonly [message: string, seconds?: number])[] = [
  // OpenAI and its kin
  ['openai.RateLimitError: Error code: 429 - Rate limit reached'],
  [
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o in organization org-abc on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more. You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.', 'type': 'requests', 'param': None, 'code': 'rate_limit_exceeded'}}",
    20,
  ],
  [
    'openai.error.RateLimitError: Rate limit reached for default-gpt-3.5-turbo in organization org-abc on tokens per min. Limit: 40000 / min. Please try again in 1.5s. Contact us',
    1.5,
  ],
  ['RateLimitError: Please try again in 354ms.', 0.354],
  ['RateLimitError: Please try again in 6m0s.', 360],
  ['RateLimitError: Please try again in 7m12.5s.', 432.5],
  ['RateLimitError: Please try again in 1h2m3s.', 600],
  [
    'groq.RateLimitError: Error code: 429 - Rate limit reached for model `llama` on tokens per minute (TPM): Limit 6000, Used 5999, Requested 400. Please try again in 4.12s. Need more tokens? Upgrade at https://console.groq.com/settings/billing',
    4.12,
  ],
  ["openai.InternalServerError: Error code: 503 - {'error': {'message': 'The server is overloaded'}}"],
  ['openai.APIStatusError: Error code: 429'],
  ['openai.error.ServiceUnavailableError: The server is overloaded or not ready yet.'],
  ['That model is currently overloaded with other requests.'],
  ['The engine is currently overloaded, please try again later'],
  [
    'openai.RateLimitError: Error code: 429 - Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current pricing tier. Please retry after 26 seconds.',
    26,
  ],
  ['litellm.RateLimitError: RateLimitError: OpenAIException - Too fast'],
  ['tenacity.RetryError: RetryError[<Future at 0x7f3a state=finished raised RateLimitError>]'],
  [
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit exceeded: free-models-per-min. ', 'code': 429}}",
  ],
  // Anthropic
  ["anthropic.RateLimitError: Error code: 429 - {'type': 'error', 'error': {'type': 'rate_limit_error'}}"],
  [
    "anthropic.APIStatusError: Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}",
  ],
  ["Exception: {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}"],
  ['anthropic._exceptions.OverloadedError: Overloaded'],
  // Google
  ['google.genai.errors.ClientError: 429 RESOURCE_EXHAUSTED'],
  [GEMINI('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'), 47.174066935],
  [
    "google.genai.errors.ServerError: 503 UNAVAILABLE. {'error': {'code': 503, 'message': 'The model is overloaded.'}}",
  ],
  ['google.api_core.exceptions.ResourceExhausted: 429 Resource has been exhausted (e.g. check quota).'],
  [
    "google.api_core.exceptions.ResourceExhausted: 429 Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateContent request limit per minute for a region'",
  ],
  [
    'google.api_core.exceptions.ResourceExhausted: 429 Quota exceeded for requests per minute. [links {\n}\n, retry_delay {\n  seconds: 34\n}\n]',
    34,
  ],
  [
    'google.api_core.exceptions.TooManyRequests: 429 POST https://translation.googleapis.com/language/translate/v2',
  ],
  ['google.api_core.exceptions.ServiceUnavailable: 503 The service is currently unavailable.'],
  [
    'grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.RESOURCE_EXHAUSTED\n\tdetails = "Quota exceeded for requests per minute"\n>',
  ],
  [
    '{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}',
  ],
  [
    'deep_translator.exceptions.TooManyRequests: Server Error: You made too many requests to the server. According to google, you are allowed to make 5 requests per second and up to 200k requests per day. You can wait and try again later or you can try the translate_batch function',
  ],
  // DeepL, AWS, Tencent, ollama
  [
    'deepl.exceptions.TooManyRequestsException: Too many requests, DeepL servers are currently experiencing high load',
  ],
  [
    'botocore.errorfactory.ThrottlingException: An error occurred (ThrottlingException) when calling the InvokeModel operation',
  ],
  [
    '[TencentCloudSDKException] code:RequestLimitExceeded message:Your current request times equals to 6 in a second',
  ],
  [
    'ollama._types.ResponseError: server busy, please try again. maximum pending requests exceeded (status code: 503)',
  ],
  // HTTP
  ['urllib.error.HTTPError: HTTP Error 429: Too Many Requests'],
  [
    'requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://api.example.com/v1/translate',
  ],
  [
    'requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://api.example.com/v1',
  ],
  ["httpx.HTTPStatusError: Client error '429 Too Many Requests' for url 'https://api.example.com/v1'"],
  ["httpx.HTTPStatusError: Server error '503 Service Unavailable' for url 'https://api.example.com/v1'"],
  ["aiohttp.client_exceptions.ClientResponseError: 429, message='Too Many Requests', url='https://x.org/'"],
  ['Exception: HTTP/1.1 503'],
  ['Exception: HTTP 429'],
  ['HTTP/2 429'],
  ['the server said HTTP/1.1 503 Service Unavailable'],
  ['Exception: http_status=429'],
  ['Exception: request failed with status code 503'],
  ['Exception: status_code=529'],
  ['Exception: status: 429'],
  ['Exception: response status was 503'],
  ['AxiosError: Request failed with status code 429'],
  ['HTTPError: Response code 429 (Too Many Requests)'],
  ['Error: 429 status code (no body)'],
  ['[GoogleGenerativeAI Error]: Error fetching from https://x.org/v1: [429 Too Many Requests] later'],
  ['ApiError: got status: 503 Service Unavailable. {"error":{}}'],
  ["Exception: {'statusCode': 429}"],
  ['Exception: Error code: 429, Retry-After: 20', 20],
  ["Exception: HTTP 429, headers {'retry-after': '2.5'}", 2.5],
  ["Exception: HTTP 429, headers {'retry-after-ms': '1500'}", 1.5],
  ['Exception: HTTP 429, retry_after=7', 7],
  ['Exception: HTTP 503, Retry-After: 2 minutes', 120],
  ['Exception: HTTP 503, Retry-After: 86400', 600],
  ['Exception: HTTP 503, Retry-After: Wed, 21 Oct 2026 07:28:00 GMT'],
  ['Exception: HTTP 503, Retry-After: 0'],
  ['Too many requests. Please wait 20 seconds.', 20],
  ['Too many requests: wait for 2 minutes', 120],
  ['HTTP 429: try again in 30 minutes', 600],
  // In the middle of other text
  [`ch1/003.png: HTTP 429`],
  ['Exception: page 12 of 429 pages: HTTP 503'],
  [
    'Traceback (most recent call last):\n  File "/app/gpt.py", line 503, in ask\n    return client.ask()\nopenai.RateLimitError: Error code: 429 - slow down',
  ],
  [
    'openai.RateLimitError: Error code: 429\n\nDuring handling of the above exception, another exception occurred:\n\nRuntimeError: no translation',
  ],
];

/** Causes that waiting does not help, other failures, and numbers that are none of HTTP. */
const OTHER: readonly string[] = [
  // Bills, quotas, limits per day, requests that will never be taken
  "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your current quota, please check your plan and billing details.', 'type': 'insufficient_quota', 'param': None, 'code': 'insufficient_quota'}}",
  'openai.error.RateLimitError: You exceeded your current quota, please check your plan and billing details.',
  'Error code: 429 - insufficient_quota',
  'RateLimitError: Your account is not active, please check your billing details on our website.',
  'openai.RateLimitError: Error code: 429 - Billing hard limit has been reached',
  'openai.RateLimitError: Rate limit reached for gpt-4 on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.',
  'groq.RateLimitError: Error code: 429 - Rate limit reached on tokens per day (TPD): Limit 100000. Please try again in 8.64s.',
  "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit exceeded: free-models-per-day. Add 10 credits', 'code': 429}}",
  GEMINI('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
  GEMINI(
    'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
    ", {'quotaId': 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier'}",
  ),
  GEMINI('GenerateRequestsPerMinutePerProjectPerModel-FreeTier').replace('limit: 15', 'limit: 0'),
  'google.api_core.exceptions.ResourceExhausted: 429 You exceeded your current quota. Please migrate',
  'google.api_core.exceptions.ResourceExhausted: 429 Quota exceeded for requests per day',
  'Exception: HTTP 429: daily limit reached',
  'Exception: HTTP 429: your monthly usage limit is reached',
  'litellm.RateLimitError: Budget has been exceeded! Current cost: 12.1, Max budget: 10',
  'openai.RateLimitError: Error code: 429 - insufficient balance',
  'deepl.exceptions.QuotaExceededException: Quota for this billing period has been exceeded, message: Quota Exceeded',
  'openai.RateLimitError: Error code: 429 - Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 41000. The input or output tokens must be reduced in order to run successfully.',
  'grpc._channel._InactiveRpcError: RESOURCE_EXHAUSTED: Received message larger than max (5000000 vs. 4194304)',
  "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided: sk-429'}}",
  'openai.BadRequestError: Error code: 400',
  'openai.InternalServerError: Error code: 500',
  'requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://api.example.com/429/status/503',
  'HTTP Error 502: Bad Gateway',
  // Memory
  'tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[8,512,512,64] and type float',
  'ResourceExhaustedError: {{function_node __wrapped__Conv2D}} failed to allocate memory [Op:Conv2D]',
  'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1073741824 bytes.',
  'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Ran out of memory in memory space hbm',
  'jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Used 20.0G of 15.5G hbm',
  // Names and quotations
  'FileNotFoundError: HTTP 429.png',
  'RuntimeError: failed on HTTP 429 2.png',
  "PIL.UnidentifiedImageError: cannot identify image file '/in/status 503/1.png'",
  'ValueError: no text in 429 Too Many Requests/001.png',
  "KeyError: 'RateLimitError'",
  'ValueError: the translation "429 Too Many Requests" is too long',
  'ValueError: 「HTTP 503 Service Unavailable」 does not fit',
  'ValueError: can\'t place "429 Too Many Requ',
  'ValueError: ‘too many requests’ has no bubble',
  "FileNotFoundError: [Errno 2] No such file or directory: '/in/RateLimitError.png'",
  'FileNotFoundError: /in/RateLimitError/1.png',
  // Numbers
  'ValueError: page 429.png has no text',
  'ValueError: page 429',
  '  File "/app/x.py", line 503, in translate',
  'SyntaxError: line 503',
  'ValueError: 0.429 is below the threshold',
  'ValueError: 429 px are too few',
  'ValueError: an image of 503x429',
  'ValueError: 503 boxes, 429 regions',
  'TimeoutError: took 429.5 s',
  'TimeoutError: took 503 ms',
  'IndexError: index 429 is out of bounds for axis 0 with size 429',
  'RuntimeError: The size of tensor a (429) must match the size of tensor b (503) at non-singleton dimension 3',
  'RuntimeError: status 429.5',
  'RuntimeError: status: 503 boxes found',
  'ValueError: status code 4290',
  'ValueError: status code 1503',
  'ValueError: unicode 429 is no letter',
  'RuntimeError: HTTP server on port 5031 is gone',
  'KeyError: 529',
  // Nothing failed, or its code
  'WARNING: HTTP 429, trying again',
  'INFO:httpx:HTTP Request: POST https://api.openai.com/v1/chat/completions "HTTP/1.1 429 Too Many Requests"',
  '    raise RateLimitError(status_code=429)',
  'Traceback (most recent call last):\n  File "/app/gpt.py", line 3, in ask\n    handle(RateLimitError, code=429)\nValueError: no text',
  '',
];

test.each(BUSY.map(([message, seconds]) => ({ message, seconds })))(
  'busy: $message',
  ({ message, seconds }) => {
    expect(refusal(message)).toEqual(seconds === undefined ? {} : { retryAfterSeconds: seconds });
  },
);

test.each([...OTHER, ...OUT_OF_MEMORY_LINES.map(([line]) => line)])('not busy: %s', (message) => {
  expect(refusal(message, { hasAnswered: true })).toBeUndefined();
});

test.each(OTHER_LINES.filter((line) => !/^google\./.test(line)))('not busy either: %s', (message) => {
  expect(refusal(message, { hasAnswered: true })).toBeUndefined();
});

test.each([
  'ConnectionRefusedError: [Errno 111] Connection refused',
  "requests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=11434): Max retries exceeded (Caused by NewConnectionError(: [Errno 111] Connection refused))",
  'httpx.ConnectError: [Errno 111] Connection refused',
  'httpx.ConnectError: All connection attempts failed',
  'openai.APIConnectionError: Connection error.',
  'Error: connect ECONNREFUSED 127.0.0.1:5003',
  'ConnectionRefusedError: [WinError 10061] No connection could be made because the target machine actively refused it',
])('a service that answered before and refuses connections is busy: %s', (message) => {
  expect(refusal(message)).toBeUndefined();
  expect(refusal(message, { hasAnswered: true })).toEqual({});
});

test.each([
  ['HTTP 429.png', 'ValueError: HTTP 429.png has no text'],
  ['HTTP 429.png', 'ValueError: HTTP 429 has no text'],
  ['a/too many requests.webp', 'ValueError: no text on too many requests'],
  ['status 503/status: 503.png', 'ValueError: status 503/status: 503.png has no text'],
  ['RateLimitError.png', 'ValueError: bad page RateLimitError'],
])("a page's name is no refusal: %s", (page, message) => {
  expect(refusal(message, { page })).toBeUndefined();
});

test.each(['429.png', 'ch1/503.png', 'per day.png', 'billing/1.png', 'HTTP.png', 'error.png', '.png', ''])(
  'nor does it hide one: %s',
  (page) => {
    expect(refusal(`openai.RateLimitError: Error code: 429 on ${page}`, { page })).toEqual({});
  },
);

test('no message takes long', () => {
  const parts = [
    'a',
    'a.',
    ' ',
    "'",
    '" ',
    'http ',
    'status: ',
    'retry_delay { ',
    '/',
    '1',
    'x`',
    '「',
    'wait 1 ',
    "'code': '",
    '429 ',
  ];
  const ms = processorMs(() => {
    for (const part of parts)
      refusal(`${part.repeat(500_000 / part.length)}\n${`${part.repeat(1000 / part.length)}\n`.repeat(200)}`);
  });
  expect(ms).toBeLessThan(3000);
});
