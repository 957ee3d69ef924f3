/** A panel that shows an order and parks it on demand. */
export function mount(root, kwanus) {
  const title = document.createElement('h2');
  title.textContent = 'Order';
  const park = document.createElement('button');
  park.textContent = 'Park';
  park.addEventListener('click', () => void parkOrder(kwanus, title));
  root.append(title, park);
  return showOrder(kwanus, title);
}

async function showOrder(kwanus, title) {
  const { status, body } = await kwanus.call('kwanus-orders#getOrder', { permission: 'orders:read' });
  title.textContent = status === 200 ? `Order ${body.id ?? ''}` : 'This order can’t be shown.';
}

async function parkOrder(kwanus, title) {
  const { status } = await kwanus.call('kwanus-orders#updateOrder', {
    permission: 'orders:write',
    input: { status: 'parked' },
  });
  if (status !== 200) return;
  await kwanus.audit('acme.order.parked', { by: 'panel' });
  await kwanus.emit('acme.order.parked', {});
  title.textContent = 'Parked';
}
