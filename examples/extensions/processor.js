/** Tells the partner’s own API of each order; what it can’t be told is parked. */
export async function process({ data }, kwanus) {
  try {
    const response = await fetch('https://api.acme.example/orders', {
      method: 'POST',
      body: JSON.stringify({ id: data.id }),
    });
    if (response.ok) return;
  } catch {
    kwanus.log('The API of acme can’t be reached.');
  }
  await kwanus.emit('acme.order.parked', { id: data.id });
}
