-- POSTs charges of 1.50 USD, of 1,000 customers in turn, every Idempotency-Key its own.
-- wrk ... -- PATH RUN CUSTOMERS CARD   RUN: 4 hex digits that no earlier run had. CUSTOMERS: the prefix of their ids. CARD: a payment method, or "".
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local head, bodies, count

function init(args)
  head = "POST " .. args[1] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Type: application/json"
    .. "\r\nIdempotency-Key: charge-" .. args[2] .. "-" .. tonumber(number) .. "-"
  local card = args[4] == nil and "" or ',"stripe_payment_method":"' .. args[4] .. '"'
  bodies = {}
  for n = 1, 1000 do
    local body = string.format('{"customer_id":"%s%d","amount":1.50,"currency":"USD"%s}', args[3], n, card)
    bodies[n] = "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
  end
  count = 0
end

function request()
  count = count + 1
  return head .. count .. bodies[count % #bodies + 1]
end
