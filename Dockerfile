# The API and the workers in one image: `bookwright api`, `bookwright worker --queues …`. See docs/operating.md.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv
RUN uv venv /opt/bookwright
ENV VIRTUAL_ENV=/opt/bookwright
COPY deploy/requirements.lock /src/
RUN uv pip install --no-cache --require-hashes -r /src/requirements.lock
COPY . /src
RUN uv pip install --no-cache --no-deps /src \
    && python -m compileall -q /opt/bookwright/lib

FROM python:3.13-slim
RUN pip uninstall --yes --quiet --root-user-action ignore pip \
    && useradd --system --uid 10001 --home-dir /var/lib/bookwright --create-home bookwright
COPY --from=build /opt/bookwright /opt/bookwright
ENV PATH=/opt/bookwright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BOOKWRIGHT_HOME=/var/lib/bookwright
USER bookwright
WORKDIR /var/lib/bookwright
VOLUME /var/lib/bookwright
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["bookwright"]
CMD ["api", "--host", "0.0.0.0", "--port", "8080"]
